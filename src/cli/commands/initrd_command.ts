// The subcommands of `execvm initrd` and their options.

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "npm:@stricli/core@1.3.0";
import { fileCompletions, folderCompletions, kernelFileCompletions } from "../flags/completions.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

const compileCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./initrd_build.ts")).initrdBuild,
  parameters: {
    flags: {
      output: {
        kind: "parsed",
        parse: String,
        proposeCompletions: fileCompletions,
        brief: "File to write (default: one in the cache)",
        placeholder: "FILE",
        optional: true,
      },
      from: {
        kind: "parsed",
        parse: String,
        proposeCompletions: fileCompletions,
        brief:
          "Root file system in place of busybox: a tar or tar.gz, or alpine for the newest of Alpine",
        placeholder: "SOURCE",
        optional: true,
      },
      mirror: {
        kind: "parsed",
        parse: String,
        brief: "Page with links to minirootfs archives, for --from alpine",
        placeholder: "URL",
        optional: true,
      },
      kernel: {
        kind: "parsed",
        parse: String,
        proposeCompletions: kernelFileCompletions,
        brief: "Kernel to build for: a version in the cache, or an image",
        placeholder: "VERSION|FILE",
        optional: true,
      },
      modules: {
        kind: "parsed",
        parse: String,
        proposeCompletions: folderCompletions,
        brief: "Modules of an image: the INSTALL_MOD_PATH of make modules_install",
        placeholder: "DIR",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Build the initrd of a guest; -r vm does that by itself when it needs one",
    fullDescription: [
      "Builds the initrd for a kernel: the kernel's modules, the guest's init, and a root file system with",
      "the commands of busybox, or that of --from. The same inputs give the same bytes. The init is compiled",
      "if Deno's runtime for executables is available, else it is Deno with a script; stderr reports which.",
      "Prints the path.",
    ].join("\n"),
  },
});

/** The subcommands of `execvm initrd`. */
export const initrdCommand: RouteMap<CliContext> = buildRouteMap({
  routes: { build: compileCommand },
  docs: { brief: "Build initrds for virtual machines" },
});
