// The build of a kernel as a pipeline: source and configuration in, image out, on any runner.

import { chain, type Pipeline, type Sink, tar } from "../mod.ts";
import type { KernelArch } from "../src/machine/architectures.ts";

/** The inputs of {@linkcode kernelPipeline}. */
export interface KernelJob {
  readonly arch: KernelArch;
  /** The prefix of the cross compiler's programs, if one is used. */
  readonly cross?: string;
  /**
   * Absolute path of the source on this host: a tar of one folder, in any compression that tar
   * detects.
   */
  readonly source: string;
  /** Absolute path of the configuration on this host. */
  readonly config: string;
  /** A folder on the runner that does not exist yet; it gets about 2 GiB, which are not removed. */
  readonly workDir: string;
  /** How many compilers to run at once. */
  readonly jobs: number;
  /** The date in the banner of the kernel. */
  readonly date: string;
  /** Receives the steps and the output of their programs. @default our stderr */
  readonly log?: Sink;
}

/** For each architecture: its name in the source, the target of make, and the path of the image. */
const TARGETS: Readonly<Record<KernelArch, { name: string; target: string; path: string }>> = {
  x86_64: { name: "x86_64", target: "bzImage", path: "arch/x86/boot/bzImage" },
  aarch64: { name: "arm64", target: "Image", path: "arch/arm64/boot/Image" },
};

/** The prefix of a line on stderr that announces a step. */
export const STEP_MARK = "execvm kernel: ";

/**
 * Announces a step and executes it with stdout on stderr, as only the image goes to stdout.
 * Constant.
 */
const STEP = `printf '%s%s\\n' "$1" "$2" >&2; shift 2; exec "$@" >&2`;

/** Fails and prints the options of the second file that the first does not have. Constant. */
const MISSING_OPTIONS = `
NR == FNR { have[$0]; next }
/^CONFIG_/ && !($0 in have) { print "not possible in this source: " $0; failed = 1 }
END { exit failed }`;

/**
 * Makes the pipeline, which reads the two files on this host and outputs the image. Nothing is
 * fetched, and on the runner no file outside of `workDir` is changed.
 */
export function kernelPipeline(job: KernelJob): Pipeline<"closed", "open"> {
  const { source, config, workDir, jobs, date, cross } = job;
  const { name, target, path } = TARGETS[job.arch];
  const tree = `${workDir}/linux`;
  const unpacked = (file: string) => `${workDir}${file}`; // tar drops the leading slash
  const commands: [string, ...string[]][] = [
    ["mkdir", workDir, tree],
    step("unpacking the source", "tar", "-x", "-C", workDir),
    // Without -z or the like: GNU tar detects the compression of a file.
    ["tar", "-x", "-f", unpacked(source), "-C", tree, "--strip-components=1"],
    step("configuring", "make", "-s", "-C", tree, `KCONFIG_ALLCONFIG=${unpacked(config)}`, NONE),
    step("checking", "awk", MISSING_OPTIONS, `${tree}/.config`, unpacked(config)),
    step("compiling", "make", "-C", tree, `-j${jobs}`, target),
  ];
  const build = chain(commands[0]!, ...commands.slice(1), ["cat", `${tree}/${path}`]).env({
    // The same source gives the same bytes for any user, host and time.
    KBUILD_BUILD_TIMESTAMP: date,
    KBUILD_BUILD_USER: "execvm",
    KBUILD_BUILD_HOST: "execvm",
    KBUILD_BUILD_VERSION: "1",
    LC_ALL: "C",
    ...(cross !== undefined && { ARCH: name, CROSS_COMPILE: cross }), // variables of make
  });
  return tar(source, config).pipe(job.log === undefined ? build : build.stderr(job.log));
}

/** The make target that turns off everything that KCONFIG_ALLCONFIG does not name. */
const NONE = "allnoconfig";

function step(what: string, ...argv: [string, ...string[]]): [string, ...string[]] {
  return ["sh", "-c", STEP, "sh", STEP_MARK, what, ...argv];
}
