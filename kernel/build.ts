// Building a kernel that has all that a guest needs, on any runner.

import { cmd, CommandError, file, local, type Runner, stream } from "../mod.ts";
import { makeTempFolder } from "../src/host/temp_folder.ts";
import { killWithUs } from "../src/host/watchdog.ts";
import type { Kernel } from "../src/kernels/find.ts";
import { kernelConfig } from "../src/kernels/fragments.ts";
import { stageKernel } from "../src/kernels/store.ts";
import { HOST_ARCH, type KernelArch } from "../src/machine/architectures.ts";
import { messageOf } from "../src/model/errors.ts";
import { BuildLog } from "./build_log.ts";
import { kernelPipeline } from "./pipeline.ts";
import { fetchKernelSource, KERNEL_SOURCE } from "./source.ts";
import { crossPrefix, requireTools } from "./tools.ts";

/** What {@linkcode buildKernel} is told. */
export interface BuildKernelOptions {
  /** Where it is built. @default local() */
  readonly runner?: Runner;
  /** A tar of a kernel's source, in a file here. @default the pinned one, fetched by apt */
  readonly source?: string;
  /** How many compilers at once. @default as many as this machine has processors */
  readonly jobs?: number;
  /** What the kernel is for; elsewhere than there a cross compiler makes it. @default this machine's */
  readonly arch?: KernelArch;
  /** Hears of each step, and while it compiles of each file: their number so far. */
  readonly onProgress?: (step: string, files?: number) => void;
  /** Ends the build. */
  readonly signal?: AbortSignal;
}

/**
 * Builds a kernel into the cache, where it is preferred to others from then on. Takes some minutes and
 * 2 GiB of disk where it runs, which are free again when it is over.
 *
 * @throws {Error} if tools are missing there, the source cannot be had, or does not build.
 */
export async function buildKernel(options: BuildKernelOptions = {}): Promise<Kernel> {
  using staged = await stageKernel();
  await buildKernelImage(staged.image, options);
  return await staged.commit("built");
}

/** As {@linkcode buildKernel}, into the file `output`, which appears when all has succeeded. */
export async function buildKernelImage(
  output: string,
  options: BuildKernelOptions = {},
): Promise<void> {
  const { runner = local(), arch = HOST_ARCH, onProgress = () => {}, signal } = options;
  const jobs = options.jobs ?? navigator.hardwareConcurrency;
  const cross = await crossPrefix(runner, arch);
  await requireTools(runner, arch, cross);
  using folder = makeFolder();
  const config = `${folder.path}/execvm.config`;
  await Deno.writeTextFile(config, await kernelConfig(arch));
  const source = await sourceFor(options, folder.path);
  await using workDir = newWorkDir(runner);
  const log = new BuildLog(onProgress);
  const { date } = KERNEL_SOURCE;
  const job = { arch, source, config, workDir: workDir.path, jobs, date, ...(cross && { cross }) };
  try {
    await kernelPipeline({ ...job, log: stream(log.writable) })
      .to(file(output)).run({ runner, ...(signal && { signal }) });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new Error(`Cannot build the kernel as ${log.step} failed:\n${log.tail}`, {
      cause: error,
    });
  }
}

async function sourceFor(
  { source, onProgress }: BuildKernelOptions,
  folder: string,
): Promise<string> {
  if (source === undefined) {
    onProgress?.(`fetching ${KERNEL_SOURCE.package} ${KERNEL_SOURCE.version}`);
    return await fetchKernelSource(folder);
  }
  try {
    return await Deno.realPath(source);
  } catch (error) {
    throw new Error(`Cannot read ${JSON.stringify(source)} as ${messageOf(error)}`);
  }
}

/** A folder here, for the source and the configuration. */
function makeFolder(): { readonly path: string } & Disposable {
  const { path, cleanup } = makeTempFolder({ prefix: "execvm-kernel-" });
  return {
    path,
    [Symbol.dispose]() {
      Deno.removeSync(path, { recursive: true });
      cleanup[Symbol.dispose]();
    },
  };
}

/** A name for a folder where the runner runs, which is removed there. */
function newWorkDir(runner: Runner): { readonly path: string } & AsyncDisposable {
  const isHere = runner.kind === "local";
  const parent = isHere ? Deno.env.get("TMPDIR") || "/tmp" : "/tmp";
  const path = `${parent}/execvm-kernel-build-${crypto.randomUUID()}`;
  const cleanup = isHere ? killWithUs({ path }) : undefined;
  return {
    path,
    async [Symbol.asyncDispose]() {
      await cmd("rm", "-rf", path).run({ runner });
      cleanup?.[Symbol.dispose]();
    },
  };
}
