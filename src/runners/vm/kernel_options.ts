// The options of the VM runner that are for kernels under test.

import type { OptionSpec } from "../contract/option_spec.ts";

/** The description of `modules`. */
export const MODULES_SPEC = {
  type: "string",
  summary: "folder of the kernel's modules: the INSTALL_MOD_PATH of make modules_install",
  defaultText: "those of a kernel in the cache; else all is built in",
  names: "folder",
  hostPaths: { use: "read" },
} as const satisfies OptionSpec;

/** The description of `console`. */
export const CONSOLE_SPEC = {
  type: "string",
  summary: "write the guest's whole console to a file, or - for stderr, live; boots each machine",
  names: "file",
  hostPaths: { use: "write" },
  flag: { name: "console", placeholder: "FILE|-", parse: String },
} as const satisfies OptionSpec;
