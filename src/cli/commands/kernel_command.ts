// The subcommands of `execvm kernel` and their options.

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "npm:@stricli/core@1.3.0";
import { ARCHITECTURES, type KernelArch } from "../../machine/architectures.ts";
import { countFault } from "../../model/require_count.ts";
import { fileCompletions } from "../flags/completions.ts";
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
        brief: "Use this image instead: a bzImage, or an Image of aarch64",
        placeholder: "FILE|URL",
        optional: true,
      },
      sha256: {
        kind: "parsed",
        parse: String,
        brief: "Expected SHA-256 of the image; required for a URL",
        placeholder: "HEX",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Fetch the distribution's kernel for virtual machines, or use a given one",
    fullDescription: [
      "Downloads the newest kernel of Debian or Ubuntu for virtual machines with apt-get, and keeps its",
      "image and the modules that a guest needs in the cache. Nothing is installed, and root is not needed.",
      "A kernel given with --from must have the drivers that a guest needs built in. For another",
      "architecture apt-get fetches the index of that architecture from its sources, in a separate folder.",
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
      "Fetches the pinned source with apt-get and builds it, on any runner, into the cache. From then on it",
      "is preferred to a kernel that was fetched. To build for another architecture, a cross compiler must",
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
  docs: { brief: "List the kernels in the cache; machines boot the first by default" },
});

/** The subcommands of `execvm kernel`. */
export const kernelCommand: RouteMap<CliContext> = buildRouteMap({
  routes: { fetch: fetchCommand, build: compileCommand, list: listCommand },
  docs: { brief: "Fetch, build and list kernels for virtual machines" },
});

function parseJobs(text: string): number {
  const jobs = text.trim() === "" ? NaN : Number(text);
  const fault = countFault(jobs);
  if (fault === undefined) return jobs;
  throw new SyntaxError(`it ${fault}`);
}
