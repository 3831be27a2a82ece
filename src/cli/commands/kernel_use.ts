// `execvm kernel use` and `remove`.

import { chooseKernel, removeKernel } from "../../kernels/choose.ts";
import { kernelsDir, makeDefaultKernel } from "../../kernels/default.ts";
import { bootOnce } from "../../vm/boot_once.ts";
import { listTemplates, removeTemplate } from "../../vm/template_store.ts";
import { exitCodeOfCall, untilSignalled } from "../frame/cancellation.ts";
import { toUsageError } from "../frame/exit_codes.ts";
import { type CommonFlags, withErrorReport } from "../frame/with_error_report.ts";
import { showProgress } from "./kernel_progress.ts";

/** Runs `execvm kernel use`: boots a kernel once, makes it the default, and prints its path. */
export const kernelUse = withErrorReport(async (context, _flags: CommonFlags, name: string) => {
  using told = untilSignalled();
  using progress = showProgress(context);
  const { signal } = told;
  return await exitCodeOfCall(signal, async () => {
    const kernel = await chooseKernel("use", name);
    await bootOnce(kernel, { signal, onProgress: progress.step });
    makeDefaultKernel(kernel);
    progress[Symbol.dispose]();
    context.process.stdout.write(`${kernel.image}\n`);
    return 0;
  });
});

/** Runs `execvm kernel remove`: removes kernels with their templates, and prints their paths. */
export const kernelRemove = withErrorReport(
  async ({ process }, _flags: CommonFlags, ...names: readonly string[]) => {
    try {
      const chosen = await Promise.all(names.map((name) => chooseKernel("remove", name)));
      for (const kernel of new Map(chosen.map((each) => [each.id, each])).values()) {
        await removeKernel(kernel);
        const folder = `${kernelsDir()}/${kernel.id}/`;
        const templates = listTemplates().filter(({ about }) => about?.kernel.startsWith(folder));
        for (const { key } of templates) removeTemplate(key);
        process.stdout.write(`${kernel.image}\n`);
      }
      return 0;
    } catch (error) {
      throw toUsageError(error);
    }
  },
);
