// Paths of a client, held below the one folder that it was given.

import { basename, dirname, resolve } from "node:path";
import { type Policy, Refusal } from "./policy.ts";

/** The real path of what is to be read; it has to be there. @throws {Refusal} if it is not below the folder. */
export async function readablePath(path: string, policy: Policy): Promise<string> {
  const folder = folderOf(path, policy);
  const real = await Deno.realPath(resolve(folder, path)).catch(() => {
    throw new Refusal(`Cannot read ${JSON.stringify(path)} as there is no such file`);
  });
  return requireBelow(real, path, folder);
}

/**
 * The real path of what is to be written; its folder has to be there. What is there already is written where it
 * really is, as links are followed.
 *
 * @throws {Refusal} if it is not below the folder.
 */
export async function writablePath(path: string, policy: Policy): Promise<string> {
  const folder = folderOf(path, policy);
  const wanted = resolve(folder, path);
  const parent = await Deno.realPath(dirname(wanted)).catch(() => {
    throw new Refusal(`Cannot write ${JSON.stringify(path)} as there is no such folder`);
  });
  const place = `${parent === "/" ? "" : parent}/${basename(wanted)}`;
  const isThere = await Deno.lstat(place).then(() => true, () => false);
  const real = !isThere ? place : await Deno.realPath(place).catch(() => {
    throw new Refusal(`Cannot write ${JSON.stringify(path)} as it is a link to nothing`);
  });
  return requireBelow(real, path, folder);
}

function folderOf(path: string, { files }: Policy): string {
  if (files !== undefined) return files;
  throw new Refusal(
    `Cannot use ${JSON.stringify(path)} as files of this machine are not given to clients`,
  );
}

function requireBelow(real: string, path: string, folder: string): string {
  if (real === folder || real.startsWith(`${folder === "/" ? "" : folder}/`)) return real;
  throw new Refusal(`Cannot use ${JSON.stringify(path)} as it is not below the folder of clients`);
}
