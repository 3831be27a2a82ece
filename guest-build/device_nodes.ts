// The device nodes that have to be in an initrd: the kernel opens /dev/console for its first process
// before anything is mounted, and Deno does not start without /dev/null.

import { encodeTarHeader } from "../src/archive/encode_tar_header.ts";
import { BLOCK_BYTES } from "../src/archive/tar_format.ts";

/** Name, permissions, major and minor number: Documentation/admin-guide/devices.txt. */
const NODES = [
  ["dev/console", 0o600, 5, 1],
  ["dev/null", 0o666, 1, 3],
] as const;

/** A tar archive of the nodes; made in memory, as only root may make them on a disk. */
export function deviceNodes(): Uint8Array {
  const headers = NODES.map(([name, mode, major, minor]) =>
    encodeTarHeader({
      name,
      type: "char",
      mode,
      size: 0,
      mtime: 0,
      uid: 0,
      gid: 0,
      linkName: "",
      major,
      minor,
    })
  );
  const end = new Uint8Array(2 * BLOCK_BYTES);
  const archive = new Uint8Array([...headers, end].reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of [...headers, end]) {
    archive.set(part, offset);
    offset += part.length;
  }
  return archive;
}
