/** Writes the content of one tar entry into a new file. */
import { Buffer } from "node:buffer";
import type { DiskBudget } from "./disk_budget.ts";
import type { TarEntry } from "./read_tar.ts";

// Below this a synchronous write is cheaper than a round trip through the event loop.
const LARGE_WRITE_BYTES = 64 * 1024;
/** Zeros are compared with these, and left out if there are at least so many. */
const ZEROS = new Uint8Array(1 << 20);
const HOLE_BYTES = 4096;
// The range of a Date, in seconds on either side of the epoch.
const MAX_DATE_SECONDS = 8.64e12;

/**
 * Creates `path`, which must not exist, with the content, mode (without setuid, setgid and sticky)
 * and mtime of an entry. Holes of a sparse entry stay holes, and zeros become some.
 *
 * @param budget the disk space that the content may take
 * @throws {Error} if it exceeds the budget
 */
export async function writeContent(
  path: string,
  { header, data }: TarEntry,
  budget?: DiskBudget,
): Promise<void> {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  let position = 0;
  for await (const { offset, bytes } of header.size === 0 ? [] : data()) {
    if (isZero(bytes)) continue;
    budget?.write(bytes.length);
    if (offset !== position) file.seekSync(offset, Deno.SeekMode.Start);
    await writeAll(file, bytes);
    position = offset + bytes.length;
  }
  // A hole at the end has no bytes to write.
  if (position !== header.size) file.truncateSync(header.size);
  // By path since a file handle has no chmod; no other user can access the path.
  Deno.chmodSync(path, header.mode & 0o777);
  const mtime = toDate(header.mtime);
  file.utimeSync(mtime, mtime);
}

/** Whether bytes can be a hole. */
function isZero(bytes: Uint8Array): boolean {
  if (bytes.length < HOLE_BYTES || bytes[0] !== 0 || bytes.at(-1) !== 0) return false;
  for (let done = 0; done < bytes.length; done += ZEROS.length) {
    const part = bytes.subarray(done, done + ZEROS.length);
    if (Buffer.compare(part, ZEROS.subarray(0, part.length)) !== 0) return false;
  }
  return true;
}

/** Converts seconds since the epoch to a date, clamped to the range of Date. */
export function toDate(seconds: number): Date {
  return new Date(Math.max(-MAX_DATE_SECONDS, Math.min(seconds, MAX_DATE_SECONDS)) * 1000);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  const write = bytes.length < LARGE_WRITE_BYTES
    ? (rest: Uint8Array) => file.writeSync(rest)
    : (rest: Uint8Array) => file.write(rest);
  for (let done = 0; done < bytes.length;) done += await write(bytes.subarray(done));
}
