// Computes the sha256 of a file.

import { createHash } from "node:crypto";

/** Returns the sha256 of the file at a path, in hex. @throws {Error} if it cannot be read. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}
