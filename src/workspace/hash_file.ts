/** Hashes files of an ext4 file system without loading them into memory. */
import { createHash } from "node:crypto";
import { eventLoopTurn } from "../archive/event_loop_turn.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import type { Inode } from "../ext4/inode.ts";

const ZEROS = new Uint8Array(1 << 20);
// A few milliseconds of hashing.
const BYTES_PER_TURN = 8 << 20;

/**
 * Returns the SHA-256 of a file's content in hexadecimal. Holes are not read, but take time to
 * hash: limit the size first.
 *
 * @throws {Ext4Error} if the file is damaged
 * @throws the signal's reason if it is aborted
 */
export async function hashFile(disk: Ext4, file: Inode, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  let sinceTurn = 0;
  for (const bytes of filled(disk, file)) {
    hash.update(bytes);
    sinceTurn += bytes.length;
    if (sinceTurn < BYTES_PER_TURN) continue;
    sinceTurn = 0;
    await eventLoopTurn();
    signal?.throwIfAborted();
  }
  return hash.digest("hex");
}

/** The whole content in pieces of up to 1 MiB, holes as zeros. */
function* filled(disk: Ext4, file: Inode): Generator<Uint8Array> {
  let position = 0;
  for (const { offset, bytes } of disk.content(file)) {
    yield* zeros(offset - position);
    yield bytes;
    position = offset + bytes.length;
  }
  yield* zeros(file.size - position);
}

/** Yields `count` zero bytes, in pieces that must not be changed. */
export function* zeros(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
}
