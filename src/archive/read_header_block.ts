/** Reads the next header block of a tar archive, or finds its end. */
import { ArchiveError } from "./archive_error.ts";
import type { ByteReader } from "./byte_reader.ts";
import { isZeroBlock } from "./decode_tar_header.ts";
import { BLOCK_BYTES } from "./tar_format.ts";

/**
 * The next header block; undefined at the end of the archive, and then what follows is taken too, so
 * that the writer of the stream can finish.
 *
 * Two zero blocks are the end. So is the end of the stream, behind one zero block or none, as for GNU
 * tar, bsdtar and Go's archive/tar: there are writers that leave them out.
 *
 * @throws {ArchiveError} if a part of a block is there, or one zero block stands before something else
 */
export async function readHeaderBlock(bytes: ByteReader): Promise<Uint8Array | undefined> {
  const block = await readBlock(bytes);
  if (block !== undefined && !isZeroBlock(block)) return block;
  const next = block && await readBlock(bytes);
  // GNU tar and bsdtar end here, and what is behind it is lost.
  if (next !== undefined && !isZeroBlock(next)) {
    throw new ArchiveError(
      "Cannot read the tar archive as two zero blocks end it, or the end of the file: " +
        `one zero block stands before more of it, at byte ${bytes.position - 2 * BLOCK_BYTES}`,
    );
  }
  await bytes.drain();
  return undefined;
}

async function readBlock(bytes: ByteReader): Promise<Uint8Array | undefined> {
  const block = await bytes.readExactly(BLOCK_BYTES);
  if (block.length === BLOCK_BYTES) return block;
  if (block.length === 0) return undefined;
  throw new ArchiveError(
    `Cannot read the tar archive as it must be in blocks of ${BLOCK_BYTES} bytes: ` +
      `the archive is cut short after ${bytes.position} bytes`,
  );
}
