// `execvm kernel build`: builds a kernel into the cache.

import { buildKernel } from "../../../kernel/build.ts";
import { makeDefaultKernel } from "../../kernels/default.ts";
import type { KernelArch } from "../../machine/architectures.ts";
import { bootOnce } from "../../vm/boot_once.ts";
import { type RunnerFlags, runnerOf } from "../flags/runner_flags.ts";
import { orSignalCode, untilSignalled } from "../frame/cancellation.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { showProgress } from "./kernel_progress.ts";

interface BuildFlags {
  readonly arch?: KernelArch;
  readonly source?: string;
  readonly jobs?: number;
  readonly verbose?: boolean;
}

/**
 * Runs `execvm kernel build`: builds the kernel, boots it once, makes it the default, and prints the
 * path of its image.
 */
export const kernelBuild = withErrorReport(async (context, flags: BuildFlags & RunnerFlags) => {
  // --arch is the architecture of the kernel, not that of the machine in which it is built.
  const { source, jobs, arch, ...rest } = flags;
  using told = untilSignalled();
  using progress = showProgress(context);
  return await orSignalCode(async () => {
    const kernel = await buildKernel({
      runner: await runnerOf(rest),
      ...(arch !== undefined && { arch }),
      ...(source !== undefined && { source }),
      ...(jobs !== undefined && { jobs }),
      onProgress: progress.step,
      signal: told.signal,
    });
    await bootOnce(kernel, { signal: told.signal, onProgress: progress.step });
    makeDefaultKernel(kernel);
    progress[Symbol.dispose]();
    context.process.stdout.write(`${kernel.image}\n`);
    return 0;
  });
});
