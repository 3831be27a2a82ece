// Resolves paths from a client and makes sure that they are below the one folder granted to
// clients.

import { basename, dirname, resolve } from "node:path";
import { type Policy, Refusal } from "./policy.ts";

/**
 * Returns the real path of a file to read.
 *
 * @throws {Refusal} if it does not exist or is not below the folder.
 */
export async function readablePath(path: string, policy: Policy): Promise<string> {
  const folder = folderOf(path, policy);
  const real = await Deno.realPath(resolve(folder, path)).catch(() => {
    throw new Refusal(`cannot read ${JSON.stringify(path)}: there is no such file`);
  });
  return requireBelow(real, path, folder);
}

/**
 * Returns the real path of a file to write, with links followed.
 *
 * @throws {Refusal} if its folder does not exist, it is a dangling link, or it is not below the
 * folder.
 */
export async function writablePath(path: string, policy: Policy): Promise<string> {
  const folder = folderOf(path, policy);
  const wanted = resolve(folder, path);
  const parent = await Deno.realPath(dirname(wanted)).catch(() => {
    throw new Refusal(`cannot write ${JSON.stringify(path)}: there is no such folder`);
  });
  const place = `${parent === "/" ? "" : parent}/${basename(wanted)}`;
  const isThere = await Deno.lstat(place).then(() => true, () => false);
  const real = !isThere ? place : await Deno.realPath(place).catch(() => {
    throw new Refusal(`cannot write ${JSON.stringify(path)}: it is a link to nothing`);
  });
  return requireBelow(real, path, folder);
}

function folderOf(path: string, { files }: Policy): string {
  if (files !== undefined) return files;
  throw new Refusal(
    `cannot use ${JSON.stringify(path)}: clients have no access to files of this machine`,
  );
}

function requireBelow(real: string, path: string, folder: string): string {
  if (real === folder || real.startsWith(`${folder === "/" ? "" : folder}/`)) return real;
  throw new Refusal(`cannot use ${JSON.stringify(path)}: it is not below the folder of clients`);
}
