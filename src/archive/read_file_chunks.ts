/** Reads the first bytes of a large file as chunks, one ahead of the consumer. */
import { openWord } from "../libc/odd_names.ts";
import { showWord } from "../libc/word.ts";
import { ArchiveError } from "./archive_error.ts";
import { CHUNK_BYTES } from "./chunk_builder.ts";
import { packing, unreadable } from "./list_members.ts";

/**
 * Exactly `size` bytes of a file in chunks of up to 1 MiB that the consumer owns.
 *
 * While the consumer is busy with a chunk the next is read. The file is closed when the generator
 * ends in whatever way.
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
      // Its failure is seen when it is awaited; until then nobody must call it unhandled.
      ahead?.catch(() => {});
      yield chunk;
    }
  } finally {
    // A file must not be closed while it is read.
    await ahead?.catch(() => {});
  }
}

/** The failure of a file that has become shorter than its header says. */
export function shrunkFile(path: string, position: number, size: number): ArchiveError {
  return new ArchiveError(
    `Cannot pack ${showWord(path)} as a file must not shrink while it is read: ` +
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
