// `execvm initrd build`: builds the initrd of a guest.

import { buildInitrd, type BuiltInitrd } from "../../../guest-build/build_initrd.ts";
import { findOrBuild } from "../../../guest-build/ensure_initrd.ts";
import { fetchMinirootfs } from "../../../guest-build/minirootfs.ts";
import { openFileSink } from "../../io/file_sink.ts";
import { findKernel, type Kernel, listKernels } from "../../kernels/find.ts";
import { openKernelFile } from "../../kernels/kernel_file.ts";
import { isNative } from "../../machine/architectures.ts";
import { messageOf } from "../../model/errors.ts";
import { UsageError } from "../../model/errors.ts";
import { toUsageError } from "../frame/exit_codes.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { showProgress } from "./kernel_progress.ts";

interface BuildFlags {
  readonly output?: string;
  readonly from?: string;
  readonly mirror?: string;
  readonly kernel?: string;
  readonly modules?: string;
  readonly verbose?: boolean;
}

/** Runs `execvm initrd build`: builds the initrd and prints its path. */
export const initrdBuild = withErrorReport(async (context, flags: BuildFlags) => {
  const { process } = context;
  if (flags.output !== undefined) await requireOutput(flags.output);
  using progress = showProgress(context);
  const onProgress = (step: string) => progress.step(step);
  await using opened = new AsyncDisposableStack();
  const kernel = await kernelOf(flags, opened);
  const root = await rootOf(flags, onProgress);
  const options = { ...(root !== undefined && { root }), onProgress };
  const { path, guest } = flags.output === undefined
    ? await findOrBuild(kernel, options)
    : await buildInitrd({ ...options, kernel, output: await targetOf(flags.output) });
  progress[Symbol.dispose]();
  process.stderr.write(
    `execvm: ${guest === undefined ? "the initrd was in the cache already" : storyOf(guest)}\n`,
  );
  process.stdout.write(`${path}\n`);
  return 0;
});

/**
 * Checks before the build that the output can be written: its folder exists.
 *
 * @throws {Error} if not.
 */
async function requireOutput(path: string): Promise<void> {
  const sink = await openFileSink(path);
  await sink.abort();
  sink[Symbol.dispose]();
  if (await Deno.stat(path).then((info) => info.isFile, () => true)) return;
  throw new Error(`cannot write ${JSON.stringify(path)}: it is not a regular file`);
}

/** The file to replace: that behind a symbolic link, so that the link stays one. */
async function targetOf(path: string): Promise<string> {
  return await Deno.realPath(path).catch(() => path); // it does not exist yet
}

function storyOf({ kind, reason }: BuiltInitrd["guest"]): string {
  if (kind === "compiled") return "the guest's init is compiled";
  return `the guest's init is Deno with a script, as ${reason}`;
}

/** The kernel of `--kernel`: a version in the cache, or a file; else the default kernel. */
async function kernelOf(
  { kernel: wanted, modules }: BuildFlags,
  opened: AsyncDisposableStack,
): Promise<Kernel> {
  const found = wanted === undefined ? await findKernel() : await findVersion(wanted);
  if (modules !== undefined && (wanted === undefined || found !== undefined)) {
    throw new UsageError("cannot use --modules: they are those of an image: use --kernel FILE too");
  }
  if (found !== undefined) return found;
  if (wanted !== undefined) return opened.use(await readImage(wanted, modules));
  throw new Error("cannot build an initrd: there is no kernel: run execvm kernel fetch");
}

/**
 * The kernel of that version in the cache; if there are several, that for this machine's
 * architecture.
 */
async function findVersion(wanted: string): Promise<Kernel | undefined> {
  const found = (await listKernels()).filter(({ version }) => version === wanted);
  return found.find(({ arch }) => isNative(arch)) ?? found[0];
}

async function readImage(
  path: string,
  modules: string | undefined,
): Promise<Kernel & AsyncDisposable> {
  try {
    return await openKernelFile({ image: path, modules });
  } catch (error) {
    const fact = error instanceof Deno.errors.NotFound
      ? "it is neither a version in the cache (execvm kernel list) nor a file"
      : messageOf(error);
    throw new UsageError(`cannot use the kernel ${JSON.stringify(path)}: ${fact}`);
  }
}

async function rootOf({ from, mirror }: BuildFlags, onProgress: (step: string) => void) {
  if (from === "alpine") {
    return await fetchMinirootfs({ ...(mirror !== undefined && { mirror }), onProgress })
      .catch((error) => {
        throw toUsageError(error);
      });
  }
  if (mirror !== undefined) throw new UsageError("cannot use --mirror: it is for --from alpine");
  if (from === undefined || await Deno.stat(from).then((info) => info.isFile, () => false)) {
    return from;
  }
  throw new UsageError(
    `cannot take a root from ${JSON.stringify(from)}: it is neither alpine nor a file`,
  );
}
