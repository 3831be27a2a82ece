// Reads and writes uncompressed metadata of a squashfs in place.
//
// fs/squashfs/squashfs_fs.h: blocks of up to 8192 bytes, each after a u16 with its length; 0x8000:
// not compressed.

const BLOCK_BYTES = 8192;
const NOT_COMPRESSED = 0x8000;

/**
 * Writes bytes at an offset into the metadata that starts with `block`, which may continue in the
 * next block.
 */
export function writeMetadata(
  file: Deno.FsFile,
  block: number,
  offset: number,
  bytes: Uint8Array,
): void {
  const length = requirePlain(readAt(file, block, 2));
  const fitting = bytes.subarray(0, Math.max(0, BLOCK_BYTES - offset));
  writeAt(file, block + 2 + offset, fitting);
  if (fitting.length === bytes.length) return;
  const next = Math.max(0, offset - BLOCK_BYTES);
  writeMetadata(file, block + 2 + length, next, bytes.subarray(fitting.length));
}

/**
 * Reads bytes at an offset of the metadata that starts with `block`, which may continue in the next
 * block.
 */
export function readMetadata(
  file: Deno.FsFile,
  block: number,
  offset: number,
  count: number,
): DataView {
  const length = requirePlain(readAt(file, block, 2));
  const here = Math.max(0, Math.min(count, BLOCK_BYTES - offset));
  const bytes = new Uint8Array(count);
  if (here > 0) bytes.set(bytesOf(readAt(file, block + 2 + offset, here)));
  if (here < count) {
    const next = Math.max(0, offset - BLOCK_BYTES);
    bytes.set(bytesOf(readMetadata(file, block + 2 + length, next, count - here)), here);
  }
  return new DataView(bytes.buffer);
}

function bytesOf({ buffer }: DataView): Uint8Array {
  return new Uint8Array(buffer);
}

/** The length of a metadata block, from its header. @throws {Error} if it is compressed. */
export function requirePlain(header: DataView): number {
  const value = header.getUint16(0, true);
  if ((value & NOT_COMPRESSED) !== 0) return value & ~NOT_COMPRESSED;
  throw new Error("cannot write the root folder of a squashfs: its inodes are compressed");
}

/** Reads `count` bytes. @throws {Error} if the file is shorter. */
export function readAt(file: Deno.FsFile, position: number, count: number): DataView {
  const bytes = new Uint8Array(count);
  file.seekSync(position, Deno.SeekMode.Start);
  for (let filled = 0; filled < count;) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) throw new Error("the squashfs is cut short");
    filled += read;
  }
  return new DataView(bytes.buffer);
}

/** Writes all of `bytes`. */
export function writeAt(file: Deno.FsFile, position: number, bytes: Uint8Array): void {
  file.seekSync(position, Deno.SeekMode.Start);
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
}
