// `execvm initrd`: its subcommands and their options.

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "npm:@stricli/core@1.3.0";
import { fileCompletions, kernelCompletions } from "../flags/completions.ts";
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
        brief: "Write it here (default: the cache)",
        placeholder: "FILE",
        optional: true,
      },
      from: {
        kind: "parsed",
        parse: String,
        proposeCompletions: fileCompletions,
        brief:
          "A root in place of busybox's commands: a tar or tar.gz, or alpine for the newest one",
        placeholder: "SOURCE",
        optional: true,
      },
      mirror: {
        kind: "parsed",
        parse: String,
        brief: "Where --from alpine looks: a page with links to minirootfs archives",
        placeholder: "URL",
        optional: true,
      },
      kernel: {
        kind: "parsed",
        parse: String,
        proposeCompletions: kernelCompletions,
        brief: "For this kernel: a version in the cache, or an image with all built in",
        placeholder: "VERSION|FILE",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Build the initrd of a guest, as vm does by itself when it needs one",
    fullDescription: [
      "Builds the initrd for a kernel: its modules, the guest's init, and a root of busybox's commands",
      "or the one that is given. The same inputs give the same bytes. The init is compiled where Deno's",
      "runtime for that can be had, else it is Deno with a script; stderr says which. Prints the path.",
    ].join("\n"),
  },
});

/** The subcommands of `execvm initrd`. */
export const initrdCommand: RouteMap<CliContext> = buildRouteMap({
  routes: { build: compileCommand },
  docs: { brief: "Build initrds for virtual machines" },
});
