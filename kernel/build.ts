// Builds a kernel with everything that a guest needs, on any runner.

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

/** Options of {@linkcode buildKernel}. */
export interface BuildKernelOptions {
  /** The runner that builds it. @default local() */
  readonly runner?: Runner;
  /** Path of a tar of a kernel's source on this host. @default the pinned source, fetched by apt */
  readonly source?: string;
  /** How many compilers to run at once. @default the number of this host's processors */
  readonly jobs?: number;
  /**
   * The kernel's architecture; a runner of another one uses a cross compiler.
   *
   * @default the host's
   */
  readonly arch?: KernelArch;
  /** Called with each step and, while it compiles, with the number of files so far. */
  readonly onProgress?: (step: string, files?: number) => void;
  /** Aborts the build. */
  readonly signal?: AbortSignal;
}

/**
 * Builds a kernel into the cache, where it is preferred to others from then on. Takes some minutes,
 * and 2 GiB of disk on the runner, which are freed at the end.
 *
 * @throws {Error} if the runner lacks tools, or the source cannot be fetched or does not build.
 */
export async function buildKernel(options: BuildKernelOptions = {}): Promise<Kernel> {
  using staged = await stageKernel();
  await buildKernelImage(staged.image, options);
  return await staged.commit("built");
}

/** Like {@linkcode buildKernel}, but into the file `output`, which appears only on success. */
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
    throw new Error(`cannot build the kernel: ${log.step} failed:\n${log.tail}`, {
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
    throw new Error(`cannot read ${JSON.stringify(source)}: ${messageOf(error)}`);
  }
}

/** Makes a temporary folder on this host, for the source and the configuration. */
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

/** Chooses a path for a folder on the runner; disposing removes the folder there. */
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
