// `execvm kernel list`: lists the kernels in the cache.

import { inspectKernels, type Kernel } from "../../kernels/find.ts";
import { printableLine } from "../../host/printable.ts";
import { HOST_ARCH, isNative } from "../../machine/architectures.ts";
import { withErrorReport } from "../frame/with_error_report.ts";

interface ListFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * Prints the kernels, for each architecture first the one that machines boot by default; reports
 * damaged ones on stderr.
 */
export const kernelList = withErrorReport(async ({ process }, { json }: ListFlags) => {
  const { kernels, damaged } = await inspectKernels();
  const listed = kernels.map((kernel) => ({
    ...kernel,
    bytes: sizeOf(kernel),
    isDefault: kernel === kernels.find(({ arch }) => arch === kernel.arch),
  }));
  if (json === true) process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
  else for (const kernel of listed) process.stdout.write(`${toLine(kernel)}\n`);
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

/** A kernel as it is listed. */
interface ListedKernel extends Kernel {
  /** The size of its image and its modules. */
  readonly bytes: number;
  readonly isDefault: boolean;
}

function sizeOf({ image, modules }: Kernel): number {
  return [image, ...modules].reduce((bytes, path) => bytes + Deno.statSync(path).size, 0);
}

/** Release, architecture, default or not, size, origin, what it was made from, and image. */
function toLine({ version, arch, isDefault, bytes, origin, source, image }: ListedKernel): string {
  const size = `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const mark = isDefault ? "default" : "-";
  return [version, arch, mark, size, origin, printableLine(source ?? "-", 200), image].join("\t");
}
