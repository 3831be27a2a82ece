// Writes files that the host sends for the command.

import type { PutMessage } from "../machine/protocol.ts";
import { findUser, give, type User } from "./user.ts";

/**
 * Writes a part of a file; with the first part, makes its folders.
 *
 * @throws {Error} if it cannot be written, or its user does not exist.
 */
export function putFile({ path, mode, content, isFirst, user: name }: PutMessage): void {
  const user = name === undefined || !isFirst ? undefined : findUser(name);
  try {
    if (isFirst) makeFolder(path.slice(0, path.lastIndexOf("/")), user);
    Deno.writeFileSync(path, Uint8Array.fromBase64(content), { append: !isFirst });
    if (!isFirst) return;
    Deno.chmodSync(path, mode);
    give(path, user);
  } catch (error) {
    const fact = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot write ${JSON.stringify(path)}: ${fact}`);
  }
}

/** Makes a folder and its missing parents, and gives them to the user. */
function makeFolder(path: string, user: User | undefined): void {
  if (path === "" || isFolder(path)) return;
  makeFolder(path.slice(0, path.lastIndexOf("/")), user);
  Deno.mkdirSync(path);
  give(path, user);
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
