// `execvm kernel list`: lists the kernels in the cache.

import { inspectKernels, type Kernel } from "../../kernels/find.ts";
import { HOST_ARCH, isNative } from "../../machine/architectures.ts";
import { withErrorReport } from "../frame/with_error_report.ts";

interface ListFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * Prints the kernels, first the one that machines boot by default; reports damaged ones on stderr.
 */
export const kernelList = withErrorReport(async ({ process }, { json }: ListFlags) => {
  const { kernels, damaged } = await inspectKernels();
  if (json === true) process.stdout.write(`${JSON.stringify(kernels, null, 2)}\n`);
  else for (const kernel of kernels) process.stdout.write(`${toLine(kernel)}\n`);
  for (const { path, fact } of damaged) {
    process.stderr.write(`execvm: cannot use ${path}: ${fact}; it can be removed\n`);
  }
  if (kernels.length === 0) {
    process.stderr.write(
      "execvm: there are no kernels: use execvm kernel fetch, or kernel build\n",
    );
  } else if (!kernels.some(({ arch }) => isNative(arch))) {
    process.stderr.write(
      `execvm: there is no kernel for this machine, ${HOST_ARCH}: use execvm kernel fetch\n`,
    );
  }
  return 0;
});

function toLine({ origin, version, arch, modules, image }: Kernel): string {
  return [origin, version, arch, `${modules.length} modules`, image].join("\t");
}
