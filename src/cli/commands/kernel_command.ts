// The subcommands of `execvm kernel` and their options.

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "npm:@stricli/core@1.3.0";
import { ARCHITECTURES, type KernelArch } from "../../machine/architectures.ts";
import { countFault } from "../../model/require_count.ts";
import { fileCompletions, folderCompletions, kernelCompletions } from "../flags/completions.ts";
import { enumParser } from "../flags/enum_parser.ts";
import { RUNNER_ALIASES, RUNNER_FLAGS } from "../flags/runner_flags.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

const ARCH_FLAG = {
  kind: "parsed",
  ...enumParser(Object.keys(ARCHITECTURES) as KernelArch[]),
  brief: "Architecture of the kernel: x86_64 or aarch64 (default: that of this machine)",
  placeholder: "ARCH",
  optional: true,
} as const;

const fetchCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./kernel_fetch.ts")).kernelFetch,
  parameters: {
    flags: {
      arch: ARCH_FLAG,
      from: {
        kind: "parsed",
        parse: String,
        proposeCompletions: fileCompletions,
        brief: "Use this kernel instead: a package, an unpacked or built folder, or an image",
        placeholder: "FILE.deb|DIR|IMAGE|URL",
        optional: true,
      },
      modules: {
        kind: "parsed",
        parse: String,
        proposeCompletions: folderCompletions,
        brief: "Its modules: the INSTALL_MOD_PATH of make modules_install, or a package",
        placeholder: "DIR|FILE.deb",
        optional: true,
      },
      suite: {
        kind: "parsed",
        parse: String,
        brief: "Suite of the distribution, such as trixie (default: that of this machine)",
        placeholder: "SUITE",
        optional: true,
      },
      sha256: {
        kind: "parsed",
        parse: String,
        brief: "Expected SHA-256 of the file; required for a URL",
        placeholder: "HEX",
        optional: true,
      },
      default: {
        kind: "boolean",
        brief: "Boot it once and make it the default; --no-default only stores it",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Fetch the distribution's kernel for virtual machines, or take a given one",
    fullDescription: [
      "Downloads the newest kernel of Debian or Ubuntu for virtual machines with apt-get, and keeps its",
      "image and the modules that a guest needs in the cache. Nothing is installed, and root is not needed.",
      "--from takes the kernel of a package, of a folder with an unpacked one, of a source tree that was",
      "built, or an image, which must have the drivers that a guest needs built in, or --modules. For",
      "another architecture or suite apt-get fetches that index, in a separate folder.",
      "The kernel is booted once before it becomes the default; one that does not boot is not kept.",
      "Prints the path of the image.",
    ].join("\n"),
  },
});

const compileCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./kernel_build.ts")).kernelBuild,
  parameters: {
    flags: {
      ...RUNNER_FLAGS,
      arch: ARCH_FLAG,
      source: {
        kind: "parsed",
        parse: String,
        proposeCompletions: fileCompletions,
        brief: "Tar with the source to build, in place of the pinned one",
        placeholder: "FILE",
        optional: true,
      },
      jobs: {
        kind: "parsed",
        parse: parseJobs,
        brief: "Number of compilers that run at once (default: one per processor)",
        placeholder: "N",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: { ...RUNNER_ALIASES, ...COMMON_ALIASES },
  },
  docs: {
    brief: "Build a small kernel with all that a guest needs, which takes minutes",
    fullDescription: [
      "Fetches the pinned source with apt-get and builds it, on any runner, into the cache. Once it has",
      "booted it is the default. To build for another architecture, a cross compiler must",
      "be installed where the build runs. Prints the path of the image.",
    ].join("\n"),
  },
});

const listCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./kernel_list.ts")).kernelList,
  parameters: {
    flags: {
      json: {
        kind: "boolean",
        brief: "Print JSON, with all modules",
        optional: true,
        withNegated: false,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "List the kernels in the cache",
    fullDescription: [
      "Prints for each kernel its release, architecture, whether it is the default, size, origin, source",
      "and the path of its image.",
    ].join("\n"),
  },
});

const KERNEL_NAME = {
  parse: String,
  proposeCompletions: kernelCompletions,
  brief: "Release of a kernel in the cache, its name (the folder of its image), or the start of it",
  placeholder: "KERNEL",
} as const;

const useCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./kernel_use.ts")).kernelUse,
  parameters: {
    flags: { ...COMMON_FLAGS },
    aliases: COMMON_ALIASES,
    positional: { kind: "tuple", parameters: [KERNEL_NAME] },
  },
  docs: {
    brief: "Make a kernel the default of its architecture, once it has booted",
    fullDescription:
      "Boots a machine with it, which must run a command. Prints the path of the image.",
  },
});

const removeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./kernel_use.ts")).kernelRemove,
  parameters: {
    flags: { ...COMMON_FLAGS },
    aliases: COMMON_ALIASES,
    positional: { kind: "array", minimum: 1, parameter: KERNEL_NAME },
  },
  docs: {
    brief: "Remove kernels and their templates",
    fullDescription: [
      "Machines that run one go on. The default can be removed only if it is the last of its architecture.",
      "Prints the paths of the images.",
    ].join("\n"),
  },
});

/** The subcommands of `execvm kernel`. */
export const kernelCommand: RouteMap<CliContext> = buildRouteMap({
  routes: {
    fetch: fetchCommand,
    build: compileCommand,
    list: listCommand,
    use: useCommand,
    remove: removeCommand,
  },
  docs: { brief: "Fetch, build, choose and list kernels for virtual machines" },
});

function parseJobs(text: string): number {
  const jobs = text.trim() === "" ? NaN : Number(text);
  const fault = countFault(jobs);
  if (fault === undefined) return jobs;
  throw new SyntaxError(`it ${fault}`);
}
