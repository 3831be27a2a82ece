// Sets extended attributes, for which Deno has no API.

import { cString } from "./c_string.ts";
import { checked } from "./fd.ts";
import { libc } from "./libc.ts";

/** Sets an extended attribute of a file or folder. @throws {SystemError} on failure. */
export function setXattr(path: string, name: string, value: string): void {
  const bytes = new TextEncoder().encode(value);
  const result = libc().setxattr(cString(path), cString(name), bytes, BigInt(bytes.length), 0);
  checked(result, `set ${name} of ${path}`);
}
