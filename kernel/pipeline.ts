// The build of a kernel as a pipeline: source and configuration in, image out, on any runner.

import { chain, type Pipeline, type Sink, tar } from "../mod.ts";
import type { KernelArch } from "../src/machine/architectures.ts";

/** What {@linkcode kernelPipeline} is made from. */
export interface KernelJob {
  readonly arch: KernelArch;
  /** What the names of the compiler's programs begin with, where they are not those of the machine itself. */
  readonly cross?: string;
  /** Absolute path of the source here: a tar, compressed as tar can tell, of one folder. */
  readonly source: string;
  /** Absolute path of the configuration here. */
  readonly config: string;
  /** A folder that does not exist yet, where the runner runs; about 2 GiB go there, and stay. */
  readonly workDir: string;
  /** How many compilers at once. */
  readonly jobs: number;
  /** The date in the banner of the kernel. */
  readonly date: string;
  /** Where the steps and what their programs say go. @default our stderr */
  readonly log?: Sink;
}

/** How the source calls it, what make is asked for, and where that is then. */
const TARGETS: Readonly<Record<KernelArch, { name: string; target: string; path: string }>> = {
  x86_64: { name: "x86_64", target: "bzImage", path: "arch/x86/boot/bzImage" },
  aarch64: { name: "arm64", target: "Image", path: "arch/arm64/boot/Image" },
};

/** What announces a step among the lines on stderr. */
export const STEP_MARK = "execvm kernel: ";

/** Says what comes and becomes it, with stdout on stderr, as the image alone is for stdout. Constant. */
const STEP = `printf '%s%s\\n' "$1" "$2" >&2; shift 2; exec "$@" >&2`;

/** Fails with the options of the second file that the first has not. Constant. */
const MISSING_OPTIONS = `
NR == FNR { have[$0]; next }
/^CONFIG_/ && !($0 in have) { print "not possible in this source: " $0; failed = 1 }
END { exit failed }`;

/**
 * The pipeline: it reads the two files here, and gives the image. Nothing is fetched, and no file
 * outside of `workDir` is touched where it runs.
 */
export function kernelPipeline(job: KernelJob): Pipeline<"closed", "open"> {
  const { source, config, workDir, jobs, date, cross } = job;
  const { name, target, path } = TARGETS[job.arch];
  const tree = `${workDir}/linux`;
  const unpacked = (file: string) => `${workDir}${file}`; // tar drops the leading slash
  const commands: [string, ...string[]][] = [
    ["mkdir", workDir, tree],
    step("unpacking the source", "tar", "-x", "-C", workDir),
    // Not -x -z or the like: GNU tar knows what it reads when it is a file.
    ["tar", "-x", "-f", unpacked(source), "-C", tree, "--strip-components=1"],
    step("configuring", "make", "-s", "-C", tree, `KCONFIG_ALLCONFIG=${unpacked(config)}`, NONE),
    step("checking", "awk", MISSING_OPTIONS, `${tree}/.config`, unpacked(config)),
    step("compiling", "make", "-C", tree, `-j${jobs}`, target),
  ];
  const build = chain(commands[0]!, ...commands.slice(1), ["cat", `${tree}/${path}`]).env({
    // The same source gives the same bytes, whoever builds it, wherever, whenever.
    KBUILD_BUILD_TIMESTAMP: date,
    KBUILD_BUILD_USER: "execvm",
    KBUILD_BUILD_HOST: "execvm",
    KBUILD_BUILD_VERSION: "1",
    LC_ALL: "C",
    ...(cross !== undefined && { ARCH: name, CROSS_COMPILE: cross }), // make reads them as its own
  });
  return tar(source, config).pipe(job.log === undefined ? build : build.stderr(job.log));
}

/** All that KCONFIG_ALLCONFIG does not ask for is off. */
const NONE = "allnoconfig";

function step(what: string, ...argv: [string, ...string[]]): [string, ...string[]] {
  return ["sh", "-c", STEP, "sh", STEP_MARK, what, ...argv];
}
