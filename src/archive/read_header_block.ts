/** Reads the next header block of a tar archive, or detects its end. */
import { ArchiveError } from "./archive_error.ts";
import type { ByteReader } from "./byte_reader.ts";
import { isZeroBlock } from "./decode_tar_header.ts";
import { BLOCK_BYTES } from "./tar_format.ts";

/**
 * Reads the next header block; undefined at the end of the archive. The rest of the stream is then
 * discarded, so that its writer can finish.
 *
 * The archive ends at two zero blocks, or at the end of the stream after one or none, as in GNU
 * tar, bsdtar and Go's archive/tar: some writers leave the zero blocks out.
 *
 * @throws {ArchiveError} if a block is incomplete, or anything follows a single zero block
 */
export async function readHeaderBlock(bytes: ByteReader): Promise<Uint8Array | undefined> {
  const block = bytes.take(BLOCK_BYTES) ?? await readBlock(bytes);
  if (block !== undefined && !isZeroBlock(block)) return block;
  const next = block && await readBlock(bytes);
  // GNU tar and bsdtar end here, and the rest is lost.
  if (next !== undefined && !isZeroBlock(next)) {
    throw new ArchiveError(
      "cannot read the tar archive: two zero blocks end it, or the end of the file: " +
        `more follows the single zero block at byte ${bytes.position - 2 * BLOCK_BYTES}`,
    );
  }
  await bytes.drain();
  return undefined;
}

async function readBlock(bytes: ByteReader): Promise<Uint8Array | undefined> {
  const block = bytes.take(BLOCK_BYTES) ?? await bytes.readExactly(BLOCK_BYTES);
  if (block.length === BLOCK_BYTES) return block;
  if (block.length === 0) return undefined;
  throw new ArchiveError(
    `cannot read the tar archive: it must be in blocks of ${BLOCK_BYTES} bytes: ` +
      `the archive is cut short after ${bytes.position} bytes`,
  );
}
