// The options of the VM runner that are for kernels under test.

import type { OptionSpec } from "../contract/option_spec.ts";

/** The description of `modules`. */
export const MODULES_SPEC = {
  type: "string",
  summary: "folder of the kernel's modules: the INSTALL_MOD_PATH of make modules_install",
  defaultText: "those of a kernel in the cache; else all is built in",
  names: "folder",
} as const satisfies OptionSpec;
