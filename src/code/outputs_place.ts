// Checks the destination of outputs before the code runs; afterwards it would be too late.

import { dirname, resolve } from "node:path";
import { openFileSink } from "../io/file_sink.ts";
import { messageOf } from "../model/errors.ts";
import { CODE_DEFAULTS, type RunCodeOptions } from "./run_options.ts";

/**
 * Checks that outputs can be written to their destination, and leaves nothing there.
 *
 * @throws {Error} if the folder is not a folder, is not empty, or cannot be written to.
 * @throws {Error} if the tar is a folder, or its parent folder does not exist.
 */
export async function checkOutputsPlace(
  { output = CODE_DEFAULTS.output, outputsDir, outputsTar }: RunCodeOptions,
): Promise<void> {
  if (output === "none") return;
  if (typeof outputsDir === "string") await checkFolder(outputsDir);
  if (outputsTar !== undefined) await checkFile(outputsTar);
}

/** Returns whether a folder exists and is empty. @throws {Error} if it is not empty. */
export async function requireEmpty(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    throw new Error(`cannot put outputs into ${folder}: it must be empty: it has ${name}`);
  }
}

async function checkFolder(folder: string): Promise<void> {
  const what = `cannot put outputs into ${folder}`;
  if (await kindOf(folder) === "folder") {
    await requireEmpty(folder).catch((error) => {
      throw error instanceof Deno.errors.PermissionDenied
        ? new Error(`${what}: it cannot be read`)
        : error;
    });
  }
  await requireWritable(resolve(folder), what);
}

async function checkFile(file: string): Promise<void> {
  const sink = await openFileSink(file);
  await sink.abort();
  sink[Symbol.dispose]();
}

/** Tries to write into a folder, or into the one that it would be created in. */
async function requireWritable(folder: string, what: string): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === "nothing") return await requireWritable(dirname(folder), what);
  if (kind === "other") throw new Error(`${what}: ${folder} is not a folder`);
  try {
    await Deno.remove(await Deno.makeTempDir({ dir: folder, prefix: ".execvm-" }));
  } catch (error) {
    throw new Error(`${what}: ${folder} cannot be written to: ${reasonOf(error)}`);
  }
}

/** Returns the kind of a path; a dangling symlink is something other than a folder. */
async function kindOf(path: string): Promise<"folder" | "other" | "nothing"> {
  try {
    await Deno.lstat(path);
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isAbsent) return "nothing";
    throw new Error(`cannot put outputs into ${path}: it cannot be reached: ${reasonOf(error)}`);
  }
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isDirectory === true ? "folder" : "other";
}

/** Returns the system's error text, without its number and the operation. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/ \(os error \d+\).*$/s, "");
}
