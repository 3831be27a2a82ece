// Files that the host has for the command.

import type { PutMessage } from "../machine/protocol.ts";

/** Writes a part of a file, and the folders that it is in. @throws {Error} if it cannot be written. */
export function putFile({ path, mode, content, isFirst }: PutMessage): void {
  try {
    if (isFirst) Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")) || "/", { recursive: true });
    Deno.writeFileSync(path, Uint8Array.fromBase64(content), { append: !isFirst });
    if (isFirst) Deno.chmodSync(path, mode);
  } catch (error) {
    const fact = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot write ${JSON.stringify(path)} as ${fact}`);
  }
}
