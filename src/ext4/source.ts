/** Sources of the bytes of a disk: a file, or memory. */
import { Ext4Error } from "./ext4_error.ts";

/** Random access to the bytes of a disk. The content is not trusted, the source itself is. */
export interface Ext4Source {
  /** Its name in messages, such as `the workspace`. */
  readonly name: string;
  /** Total size in bytes. */
  readonly size: number;
  /**
   * Fills `buffer` with the bytes at `offset`; the caller stays within `size`.
   *
   * @throws {Ext4Error} if the source has shrunk
   */
  readAt(offset: number, buffer: Uint8Array): void;
}

/** Makes a source from memory; `bytes` is not copied and must not change. */
export function bytesSource(name: string, bytes: Uint8Array): Ext4Source {
  return {
    name,
    size: bytes.length,
    readAt: (offset, buffer) => buffer.set(bytes.subarray(offset, offset + buffer.length)),
  };
}

/** Makes a source from a raw file, which the caller keeps open during use, and closes. */
export function fileSource(name: string, file: Deno.FsFile): Ext4Source {
  // By seeking to its end: stat reports no size for a block device.
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

/** Makes the error for a disk. @param why the rule and the fact: `a must be b: it is c` */
export function refused({ name }: Pick<Ext4Source, "name">, why: string): Ext4Error {
  return new Ext4Error(`cannot read ${name}: ${why}`);
}
