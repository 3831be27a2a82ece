// `execvm kernel`: its subcommands and their options.

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
  brief: "What it is to run on: x86_64 or aarch64 (default: as this machine)",
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
        brief: "Take this image instead: a bzImage, or an Image of aarch64",
        placeholder: "FILE|URL",
        optional: true,
      },
      sha256: {
        kind: "parsed",
        parse: String,
        brief: "What the image must have; required for a URL",
        placeholder: "HEX",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Fetch the distribution's kernel for virtual machines, or take one that is given",
    fullDescription: [
      "Downloads the newest kernel of Debian or Ubuntu for virtual machines by apt-get, and keeps its",
      "image and the modules that a guest needs; nothing is installed, and root is not needed. One that",
      "is given with --from must have built in what a guest needs. For another architecture apt-get",
      "asks its sources for an index of that, and what it has here stays as it is. Prints the path of",
      "the image.",
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
        brief: "Build this source, a tar, in place of the one that is pinned",
        placeholder: "FILE",
        optional: true,
      },
      jobs: {
        kind: "parsed",
        parse: parseJobs,
        brief: "How many compilers at once (default: one a processor)",
        placeholder: "N",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: { ...RUNNER_ALIASES, ...COMMON_ALIASES },
  },
  docs: {
    brief: "Build a small kernel with all that a guest needs; some minutes",
    fullDescription: [
      "Fetches the pinned source by apt-get and builds it, on any runner, into the cache; it is then",
      "preferred to a kernel that was fetched. For another architecture than that of where it is built,",
      "a cross compiler has to be there. Prints the path of the image.",
    ].join("\n"),
  },
});

const listCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./kernel_list.ts")).kernelList,
  parameters: {
    flags: {
      json: {
        kind: "boolean",
        brief: "Print them as JSON, with all modules",
        optional: true,
        withNegated: false,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: { brief: "List the kernels in the cache; the first one is the one that is used" },
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
