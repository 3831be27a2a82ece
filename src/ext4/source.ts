/** Where the bytes of a disk come from. */
import { Ext4Error } from "./ext4_error.ts";

/** Bytes that can be read from anywhere; the disk may be hostile, the source itself is not. */
export interface Ext4Source {
  /** What it is called in messages, such as `the workspace`. */
  readonly name: string;
  /** Bytes in all. */
  readonly size: number;
  /**
   * Fills `buffer` with what is at `offset`; the caller stays inside of `size`.
   *
   * @throws {Ext4Error} if the bytes have gone
   */
  readAt(offset: number, buffer: Uint8Array): void;
}

/** A disk in memory; `bytes` is not copied and must not change. */
export function bytesSource(name: string, bytes: Uint8Array): Ext4Source {
  return {
    name,
    size: bytes.length,
    readAt: (offset, buffer) => buffer.set(bytes.subarray(offset, offset + buffer.length)),
  };
}

/** A disk in a raw file. The caller keeps the file open while the source is used, and closes it. */
export function fileSource(name: string, file: Deno.FsFile): Ext4Source {
  // A block device has no size but the place of its end.
  const size = file.seekSync(0, Deno.SeekMode.End);
  return {
    name,
    size,
    readAt(offset, buffer) {
      file.seekSync(offset, Deno.SeekMode.Start);
      for (let filled = 0; filled < buffer.length;) {
        const count = file.readSync(buffer.subarray(filled));
        if (count === null) throw refused(this, "a disk must not shrink while it is read: it does");
        filled += count;
      }
    },
  };
}

/** The failure to read a disk. @param why the rule and the fact: `a must be b: it is c` */
export function refused({ name }: Pick<Ext4Source, "name">, why: string): Ext4Error {
  return new Ext4Error(`Cannot read ${name} as ${why}`);
}
