// Copying files with holes: what was never written is neither read nor written.

import { openForReading } from "../libc/fd.ts";
import { findLibc, libc } from "../libc/libc.ts";
import { whereFull } from "./fault.ts";

// linux/fs.h
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

const BUFFER_BYTES = 1 << 20;

/** A part of a file that is no hole. */
interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * Copies a file to `to`, which only we may read, holes as holes; without FFI all of it. A file that is
 * there is removed before.
 *
 * @throws {Deno.errors} if it cannot be read, or `to` cannot be written.
 */
export async function copySparse(from: string, to: string): Promise<void> {
  using source = await Deno.open(from);
  await Deno.remove(to).catch(() => {}); // it need not be there
  using target = await Deno.open(to, { createNew: true, write: true, mode: 0o600 });
  const { size } = await source.stat();
  await target.truncate(size);
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (const { start, end } of extentsOf(from, size)) {
    source.seekSync(start, Deno.SeekMode.Start);
    target.seekSync(start, Deno.SeekMode.Start);
    for (let position = start; position < end;) {
      const count = source.readSync(buffer.subarray(0, Math.min(BUFFER_BYTES, end - position)));
      if (count === null) throw new Error(`${from} is cut short while it is copied`);
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
