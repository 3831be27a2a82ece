/** Reads the content of a file, and where its holes are. */
import { mappedRuns } from "./block_map.ts";
import { extentRuns } from "./extents.ts";
import { inlineData } from "./inline_data.ts";
import { EXTENTS_FLAG, INLINE_DATA_FLAG, type Inode } from "./inode.ts";
import type { Volume } from "./volume.ts";

/** A range of bytes in a file; the gaps between ranges and after the last read as zeros. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** A piece of a file's content; the gaps between pieces and after the last are holes. */
export interface ContentPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** An extent, and its offset on the disk in bytes. */
export interface DiskExtent extends Extent {
  readonly at: number;
}

const MAX_PIECE_BYTES = 1 << 20;

/**
 * Yields where the content of a file is on the disk, in order, with adjacent extents joined, up to
 * the size of the file. Not for content that is stored in the inode.
 *
 * @throws {Ext4Error} if the file's map is damaged
 */
export function* diskExtents(volume: Volume, inode: Inode): Generator<DiskExtent> {
  const { blockBytes } = volume.superblock;
  const hasExtents = (inode.flags & EXTENTS_FLAG) !== 0;
  let joined: DiskExtent | undefined;
  for (const run of hasExtents ? extentRuns(volume, inode) : mappedRuns(volume, inode)) {
    const offset = run.first * blockBytes;
    if (offset >= inode.size) break;
    const length = Math.min(run.count * blockBytes, inode.size - offset);
    const at = run.at * blockBytes;
    const isNext = joined !== undefined && offset === joined.offset + joined.length &&
      at === joined.at + joined.length;
    if (!isNext && joined !== undefined) yield joined;
    joined = isNext ? { ...joined!, length: joined!.length + length } : { offset, length, at };
  }
  if (joined !== undefined) yield joined;
}

/**
 * Yields the parts of a file that are not holes, in order.
 *
 * @throws {Ext4Error} if the file's map is damaged
 */
export function* contentExtents(volume: Volume, inode: Inode): Generator<Extent> {
  if ((inode.flags & INLINE_DATA_FLAG) !== 0) {
    const { length } = inlineContent(volume, inode);
    if (length > 0) yield { offset: 0, length };
    return;
  }
  for (const { offset, length } of diskExtents(volume, inode)) yield { offset, length };
}

/**
 * Yields the content of a file in pieces of up to 1 MiB that the caller owns; holes are left out.
 *
 * @throws {Ext4Error} if the file's map is damaged
 */
export function* contentPieces(volume: Volume, inode: Inode): Generator<ContentPiece> {
  if ((inode.flags & INLINE_DATA_FLAG) !== 0) {
    const bytes = inlineContent(volume, inode);
    if (bytes.length > 0) yield { offset: 0, bytes };
    return;
  }
  for (const { offset, length, at } of diskExtents(volume, inode)) {
    for (let done = 0; done < length; done += MAX_PIECE_BYTES) {
      const bytes = new Uint8Array(Math.min(MAX_PIECE_BYTES, length - done));
      volume.disk.readAt(at + done, bytes);
      yield { offset: offset + done, bytes };
    }
  }
}

/** The content that is stored in an inode; the rest of the file is a hole, as for the kernel. */
function inlineContent(volume: Volume, inode: Inode): Uint8Array {
  return inlineData(volume, inode).slice(0, inode.size);
}
