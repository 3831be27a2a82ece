// Files that the host has for the command.

import type { PutMessage } from "../machine/protocol.ts";
import { findUser, give, type User } from "./user.ts";

/** Writes a part of a file, and the folders that it is in. @throws {Error} if it cannot be written, or its user is not there. */
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
    throw new Error(`Cannot write ${JSON.stringify(path)} as ${fact}`);
  }
}

/** Makes a folder, and those that it is in, which are then the user's too. */
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
