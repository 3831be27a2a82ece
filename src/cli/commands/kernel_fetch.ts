// `execvm kernel fetch`: fetches a kernel into the cache.

import { fetchKernel } from "../../kernels/fetch.ts";
import type { KernelArch } from "../../machine/architectures.ts";
import { toUsageError } from "../frame/exit_codes.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { showProgress } from "./kernel_progress.ts";

interface FetchFlags {
  readonly arch?: KernelArch;
  readonly from?: string;
  readonly sha256?: string;
  readonly verbose?: boolean;
}

/** Runs `execvm kernel fetch`: fetches the kernel and prints the path of its image. */
export const kernelFetch = withErrorReport(async (context, flags: FetchFlags) => {
  const { from, sha256, arch } = flags;
  using progress = showProgress(context);
  const kernel = await fetchKernel({
    ...(from !== undefined && { from }),
    ...(arch !== undefined && { arch }),
    ...(sha256 !== undefined && { sha256 }),
    onProgress: progress.step,
  }).catch((error) => {
    throw toUsageError(error);
  });
  progress[Symbol.dispose]();
  context.process.stdout.write(`${kernel.image}\n`);
  return 0;
});
