// Checks where outputs are copied to on this machine, before a command runs.

import { basename, dirname, resolve } from "node:path";
import { faultOf } from "../host/fault.ts";
import { type CopyOptions, isWithin, placeOf } from "../model/copy_options.ts";
import { EndpointError } from "../model/errors.ts";

/** An output: its path where the command runs, and its path on this machine. */
export interface OutputPath {
  readonly path: string;
  readonly target: string;
  /** The target with links followed. */
  readonly real: string;
}

/**
 * Returns the outputs to copy back, once it is known that they can be written.
 *
 * @param others the outputs of other commands of the run
 * @throws {EndpointError} if a target is neither a file nor a folder, cannot be written, or is the
 * same as another or in it.
 */
export async function findTargets(
  { outputs = {} }: CopyOptions,
  others: readonly OutputPath[],
): Promise<readonly OutputPath[]> {
  const found: OutputPath[] = [];
  for (const [path, target] of Object.entries(outputs)) {
    const real = await check(target).catch((error) => {
      throw refused(path, target, faultOf(error), error);
    });
    const other = [...others, ...found]
      .find((other) => isWithin(real, other.real) || isWithin(other.real, real));
    if (other !== undefined) {
      const where = real === other.real ? "the same path" : JSON.stringify(other.target);
      throw refused(path, target, `the output ${JSON.stringify(other.path)} is copied to ${where}`);
    }
    found.push({ path: placeOf(path), target, real });
  }
  return found;
}

/** Makes the error of an output that cannot be written. */
export function refused(
  path: string,
  target: string,
  fact: string,
  cause?: unknown,
): EndpointError {
  const what = `cannot copy ${JSON.stringify(path)} out to ${JSON.stringify(target)}`;
  return new EndpointError(`${what}: ${fact}`, "sink", cause);
}

/** Returns the real path of a target. @throws {Error} if it cannot be written. */
async function check(target: string): Promise<string> {
  const path = resolve(target);
  const parent = dirname(path);
  const present = await Deno.lstat(path).catch(unlessNotFound);
  if (present === undefined) {
    const folder = await Deno.stat(parent).catch(unlessNotFound);
    if (folder === undefined) throw new Error(`there is no folder ${JSON.stringify(parent)}`);
    await requireWritable(parent);
    return join(await Deno.realPath(parent), basename(path));
  }
  const real = await Deno.realPath(path).catch((error) => {
    throw error instanceof Deno.errors.NotFound ? new Error("it is a link to nothing") : error;
  });
  const { isFile, isDirectory } = await Deno.stat(real);
  if (!isFile && !isDirectory) throw new Error("it is neither a file nor a folder");
  await requireWritable(isFile ? dirname(real) : real);
  return real;
}

/** Tries to write into a folder. */
async function requireWritable(folder: string): Promise<void> {
  try {
    await Deno.remove(await Deno.makeTempDir({ dir: folder, prefix: ".execvm-" }));
  } catch (error) {
    throw new Error(`${JSON.stringify(folder)} cannot be written to: ${faultOf(error)}`);
  }
}

function join(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

function unlessNotFound(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
