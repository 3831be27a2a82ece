// The option `--arch` of subcommands.

import { UsageError } from "../errors.ts";
import { checkArch } from "../vm/architectures.ts";
import type { KernelArch } from "../vm/kernel.ts";

/** The architecture that is named, if one is. @throws {UsageError} if there is none of that name. */
export function archOf(arch: string | undefined): KernelArch | undefined {
  try {
    checkArch(arch);
    return arch;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
