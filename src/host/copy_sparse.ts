// Copies sparse files without reading or writing their holes.

import { openForReading } from "../libc/fd.ts";
import { findLibc, libc } from "../libc/libc.ts";
import { whereFull } from "./fault.ts";

// linux/fs.h
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

const BUFFER_BYTES = 1 << 20;

/** A part of a file that is not a hole, in bytes. */
interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * Copies a file to `to`, with mode 0600. Holes stay holes; without FFI they are read and copied as
 * zeros. An existing file is removed first.
 *
 * @throws {Deno.errors} if `from` cannot be read or `to` cannot be written.
 */
export async function copySparse(from: string, to: string): Promise<void> {
  using source = await Deno.open(from);
  await Deno.remove(to).catch(() => {}); // it may not exist
  using target = await Deno.open(to, { createNew: true, write: true, mode: 0o600 });
  const { size } = await source.stat();
  await target.truncate(size);
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (const { start, end } of extentsOf(from, size)) {
    source.seekSync(start, Deno.SeekMode.Start);
    target.seekSync(start, Deno.SeekMode.Start);
    for (let position = start; position < end;) {
      const count = source.readSync(buffer.subarray(0, Math.min(BUFFER_BYTES, end - position)));
      if (count === null) throw new Error(`${from} was cut short while being copied`);
      for (let rest = buffer.subarray(0, count); rest.length > 0;) {
        rest = rest.subarray(writeSome(target, rest, to));
      }
      position += count;
    }
  }
}

function writeSome(file: Deno.FsFile, bytes: Uint8Array, path: string): number {
  try {
    return file.writeSync(bytes);
  } catch (error) {
    throw whereFull(error, JSON.stringify(path));
  }
}

function extentsOf(path: string, size: number): Extent[] {
  if (findLibc() === undefined) return [{ start: 0, end: size }];
  using fd = openForReading(path);
  const seek = (offset: number, whence: number) =>
    Number(libc().lseek(fd.number, BigInt(offset), whence));
  const extents: Extent[] = [];
  for (let end = 0; end < size;) {
    const start = seek(end, SEEK_DATA);
    if (start < 0) break; // ENXIO: there is a hole up to the end
    end = seek(start, SEEK_HOLE);
    extents.push({ start, end });
  }
  return extents;
}
