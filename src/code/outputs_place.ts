// Where outputs go, checked before the code runs: afterwards it would be too late.

import { dirname, resolve } from "node:path";
import { openFileSink } from "../io/file_sink.ts";
import { messageOf } from "../model/errors.ts";
import { CODE_DEFAULTS, type RunCodeOptions } from "./run_options.ts";

/**
 * Sees to it that outputs can be put where they are to go, and leaves nothing there.
 *
 * @throws {Error} if they cannot be: the folder is none, is not empty, or cannot be written to; the tar is a folder, or
 * that which it is to be in is not there.
 */
export async function checkOutputsPlace(
  { output = CODE_DEFAULTS.output, outputsDir, outputsTar }: RunCodeOptions,
): Promise<void> {
  if (output === "none") return;
  if (typeof outputsDir === "string") await checkFolder(outputsDir);
  if (outputsTar !== undefined) await checkFile(outputsTar);
}

/** Whether a folder is empty, or there is none. @throws {Error} if it is not. */
export async function requireEmpty(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    throw new Error(`Cannot put outputs into ${folder} as it must be empty: it has ${name}`);
  }
}

async function checkFolder(folder: string): Promise<void> {
  const what = `Cannot put outputs into ${folder}`;
  if (await kindOf(folder) === "folder") {
    await requireEmpty(folder).catch((error) => {
      throw error instanceof Deno.errors.PermissionDenied
        ? new Error(`${what} as it cannot be read`)
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

/** Tries to write into a folder, or into that which it would be made in. */
async function requireWritable(folder: string, what: string): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === "nothing") return await requireWritable(dirname(folder), what);
  if (kind === "other") throw new Error(`${what} as ${folder} is not a folder`);
  try {
    await Deno.remove(await Deno.makeTempDir({ dir: folder, prefix: ".execvm-" }));
  } catch (error) {
    throw new Error(`${what} as ${folder} cannot be written to: ${reasonOf(error)}`);
  }
}

/** What is at a path; of a link that leads nowhere, something that is no folder. */
async function kindOf(path: string): Promise<"folder" | "other" | "nothing"> {
  try {
    await Deno.lstat(path);
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isAbsent) return "nothing";
    throw new Error(`Cannot put outputs into ${path} as it cannot be reached: ${reasonOf(error)}`);
  }
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isDirectory === true ? "folder" : "other";
}

/** What the system says, without its number and what was called. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/ \(os error \d+\).*$/s, "");
}
