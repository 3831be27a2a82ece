/**
 * Writes the headers of a newc cpio archive, the form of an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst in the Linux source).
 *
 * A header is 110 ASCII characters, the numbers 8 hexadecimal digits each; name and data follow,
 * each padded with NULs so that what comes next starts at a multiple of 4 bytes from the archive's
 * start:
 *
 * ```text
 * 0   magic "070701"   38  nlink       78  rdevmajor
 * 6   ino              46  mtime       86  rdevminor
 * 14  mode             54  filesize    94  namesize, with the NUL that ends the name
 * 22  uid              62  devmajor    102 check, 0 in this form
 * 30  gid              70  devminor
 * ```
 */
import { encodeName } from "./decode_name.ts";
import type { TarType } from "./tar_format.ts";

/** The fields of a cpio header. */
export interface CpioHeader {
  readonly name: string;
  readonly ino: number;
  /** With the file type bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  /** Seconds since the epoch, 0 to 2^32-1. */
  readonly mtime: number;
  readonly size: number;
  readonly major: number;
  readonly minor: number;
}

/** The largest number that fits into a field. */
export const MAX_FIELD = 0xffffffff;

/** The name of the entry that ends an archive. */
export const TRAILER = "TRAILER!!!";

/** The file type bits of a mode (`include/uapi/linux/stat.h`). */
export const MODE_TYPES: Readonly<Record<Exclude<TarType, "link">, number>> = {
  fifo: 0o010000,
  char: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
};

const ALIGN_BYTES = 4;
const HEADER_BYTES = 110;
const encoder = new TextEncoder();

/** Returns the header and name of an entry, with the padding that follows them. */
export function encodeCpioHeader(header: CpioHeader): Uint8Array {
  const name = encodeName(header.name);
  const fields = [
    header.ino,
    header.mode,
    header.uid,
    header.gid,
    header.nlink,
    header.mtime,
    header.size,
    0,
    0,
    header.major,
    header.minor,
    name.length + 1,
    0,
  ];
  const length = HEADER_BYTES + name.length + 1;
  const bytes = new Uint8Array(length + cpioPadding(length));
  const text = "070701" + fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  encoder.encodeInto(text, bytes);
  bytes.set(name, HEADER_BYTES);
  return bytes;
}

/** Returns how many bytes of padding bring `length` up to a multiple of 4. */
export function cpioPadding(length: number): number {
  return (ALIGN_BYTES - length % ALIGN_BYTES) % ALIGN_BYTES;
}
