// A source tree that builds like a kernel's, but in a moment.

import { file, local, type Runner, stream, tar } from "../../mod.ts";
import { BuildLog } from "../../kernel/build_log.ts";
import { type KernelJob, kernelPipeline } from "../../kernel/pipeline.ts";
import { tempDir } from "../support/temp_dir.ts";

/** A job that is never run. */
export const JOB: KernelJob = {
  arch: "x86_64",
  source: "/here/linux.tar.xz",
  config: "/here/it.config",
  workDir: "/there/work",
  jobs: 3,
  date: "some day",
};

/** A tree that builds like Linux, as far as the pipeline can tell. */
const MAKEFILE = `
allnoconfig:
	grep CONFIG_ $(KCONFIG_ALLCONFIG) | grep -v IMPOSSIBLE > .config
bzImage:
	@echo "  CC      fs/open.o"
	@mkdir -p arch/x86/boot
	@echo "image of $$KBUILD_BUILD_USER at $$KBUILD_BUILD_TIMESTAMP" > arch/x86/boot/bzImage
	@! grep BROKEN .config
`;

/** The result of a build. */
export interface BuiltTree {
  /** The image as text, or why there is none. */
  readonly image: unknown;
  /** The steps that it reported. */
  readonly steps: readonly string[];
  readonly log: BuildLog;
}

/** Runs the job with our own tree. @param there the runner, and a folder on it */
export async function buildTree(
  config: string,
  there: { readonly runner?: Runner; readonly workDir?: string } = {},
): Promise<BuiltTree> {
  using folder = tempDir();
  Deno.mkdirSync(`${folder.path}/linux-0.1`);
  Deno.writeTextFileSync(`${folder.path}/linux-0.1/Makefile`, MAKEFILE);
  const source = `${folder.path}/source.tar`;
  // Only GNU tar detects compression.
  const compress = there.runner === undefined ? { compress: "gzip" as const } : {};
  await tar("linux-0.1", { directory: folder.path, ...compress }).to(file(source)).run();
  Deno.writeTextFileSync(`${folder.path}/it.config`, config);
  const steps: string[] = [];
  const log = new BuildLog((step) => steps.push(step));
  const { runner = local(), workDir = `${folder.path}/work` } = there;
  const job = { ...JOB, source, config: `${folder.path}/it.config`, workDir };
  const image = await kernelPipeline({ ...job, log: stream(log.writable) }).text({ runner })
    .catch((error) => error);
  return { image, steps: [...new Set(steps)], log };
}
