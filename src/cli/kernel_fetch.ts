// `execvm kernel fetch`: a kernel into the cache.

import { UsageError } from "../errors.ts";
import { archOf } from "./arch_flag.ts";
import { fetchKernel } from "../vm/kernel_fetch.ts";
import { guarded } from "./guarded.ts";
import { showProgress } from "./kernel_progress.ts";

interface FetchFlags {
  readonly arch?: string;
  readonly from?: string;
  readonly sha256?: string;
  readonly verbose?: boolean;
}

/** Fetches the kernel of `execvm kernel fetch`, and prints where its image is. */
export const kernelFetch = guarded(async (context, flags: FetchFlags) => {
  const { from, sha256 } = flags;
  const arch = archOf(flags.arch);
  using progress = showProgress(context);
  const kernel = await fetchKernel({
    ...(from !== undefined && { from }),
    ...(arch !== undefined && { arch }),
    ...(sha256 !== undefined && { sha256 }),
    onProgress: progress.step,
  }).catch((error) => {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  });
  progress[Symbol.dispose]();
  context.process.stdout.write(`${kernel.image}\n`);
  return 0;
});
