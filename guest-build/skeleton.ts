// Makes the files that every initrd needs before anything is mounted: the folders to mount on, and
// the device nodes without which the first process has no console and Deno does not start.

import { encodeTarHeader } from "../src/archive/encode_tar_header.ts";
import { BLOCK_BYTES, type TarType } from "../src/archive/tar_format.ts";

/** Name and permissions. */
const FOLDERS = [
  ["dev", 0o755],
  ["proc", 0o555],
  ["root", 0o700],
  ["run", 0o755],
  ["sys", 0o555],
  ["tmp", 0o1777],
] as const;

/** Name, permissions, major and minor number: Documentation/admin-guide/devices.txt. */
const NODES = [
  ["dev/console", 0o600, 5, 1],
  ["dev/null", 0o666, 1, 3],
] as const;

/** Makes a tar of them, in memory, as only root may make device nodes on a disk. */
export function skeleton(): Uint8Array<ArrayBuffer> {
  const end = new Uint8Array(2 * BLOCK_BYTES);
  return concat([
    ...FOLDERS.map(([name, mode]) => header("directory", name, mode)),
    ...NODES.map(([name, mode, major, minor]) => header("char", name, mode, { major, minor })),
    end,
  ]);
}

function header(type: TarType, name: string, mode: number, device = { major: 0, minor: 0 }) {
  const rest = { size: 0, mtime: 0, uid: 0, gid: 0, linkName: "" };
  return encodeTarHeader({ type, name, mode, ...rest, ...device });
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
