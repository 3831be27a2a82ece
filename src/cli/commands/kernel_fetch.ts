// `execvm kernel fetch`: fetches a kernel into the cache, and boots it once.

import { makeDefaultKernel } from "../../kernels/default.ts";
import { fetchKernel } from "../../kernels/fetch.ts";
import type { KernelArch } from "../../machine/architectures.ts";
import { onlyGiven } from "../../model/pick_given.ts";
import { bootOnce } from "../../vm/boot_once.ts";
import { exitCodeOfCall, untilSignalled } from "../frame/cancellation.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { showProgress } from "./kernel_progress.ts";

interface FetchFlags {
  readonly arch?: KernelArch;
  readonly from?: string;
  readonly modules?: string;
  readonly suite?: string;
  readonly sha256?: string;
  readonly default?: boolean;
  readonly verbose?: boolean;
}

/** Runs `execvm kernel fetch`: fetches the kernel and prints the path of its image. */
export const kernelFetch = withErrorReport(async (context, flags: FetchFlags) => {
  const { from, modules, suite, sha256, arch, default: isDefault = true } = flags;
  using told = untilSignalled();
  using progress = showProgress(context);
  const { signal } = told;
  const { step: onProgress } = progress;
  return await exitCodeOfCall(signal, async () => {
    const kernel = await fetchKernel({
      ...onlyGiven({ from, modules, suite, sha256, arch }),
      trial: isDefault ? (kernel) => bootOnce(kernel, { signal, onProgress }) : undefined,
      signal,
      onProgress,
    });
    if (isDefault) makeDefaultKernel(kernel);
    progress[Symbol.dispose]();
    context.process.stdout.write(`${kernel.image}\n`);
    return 0;
  });
});
