/** Reads the first bytes of a large file as chunks, one ahead of the consumer. */
import { openWord } from "../libc/odd_names.ts";
import { showWord } from "../libc/word.ts";
import { ArchiveError } from "./archive_error.ts";
import { CHUNK_BYTES } from "./chunk_builder.ts";
import { packing, unreadable } from "./list_members.ts";

/**
 * Yields exactly `size` bytes of a file, in chunks of up to 1 MiB that the consumer owns.
 *
 * The next chunk is read while the consumer handles one. The file is closed however the generator
 * ends.
 *
 * @throws {ArchiveError} if the file cannot be read, or ends before `size` bytes
 */
export async function* readFileChunks(path: string, size: number): AsyncGenerator<Uint8Array> {
  using file = packing(path, () => openWord(path));
  let position = 0;
  let ahead: Promise<Uint8Array> | undefined = readChunk(file, path, size);
  try {
    while (ahead !== undefined) {
      const chunk = await ahead;
      ahead = undefined;
      if (chunk.length === 0) throw shrunkFile(path, position, size);
      position += chunk.length;
      if (position < size) ahead = readChunk(file, path, size - position);
      // It is awaited later; until then its rejection must not count as unhandled.
      ahead?.catch(() => {});
      yield chunk;
    }
  } finally {
    // A file must not be closed during a read.
    await ahead?.catch(() => {});
  }
}

/** Makes the error for a file that has become shorter than its header says. */
export function shrunkFile(path: string, position: number, size: number): ArchiveError {
  return new ArchiveError(
    `cannot pack ${showWord(path)}: a file must not shrink while it is read: ` +
      `it ends after ${position} of ${size} bytes`,
  );
}

async function readChunk(file: Deno.FsFile, path: string, left: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, left));
  const count = await file.read(buffer).catch((cause) => {
    throw unreadable(path, cause);
  });
  return buffer.subarray(0, count ?? 0);
}
