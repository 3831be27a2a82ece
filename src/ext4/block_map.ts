/**
 * Reads the older block map of a file (Documentation/filesystems/ext4/blockmap.rst): 15 block
 * numbers in the inode, of which 12 are data blocks and one each is a singly, doubly and triply
 * indirect block. 0 is a hole.
 */
import type { BlockRun } from "./extents.ts";
import type { Inode } from "./inode.ts";
import type { Volume } from "./volume.ts";

// EXT4_NDIR_BLOCKS of fs/ext4/ext4.h.
const DIRECT_BLOCKS = 12;
const INDIRECT_LEVELS = 3;

/**
 * Yields the blocks of a file in order, each as a separate run; holes are left out.
 *
 * @throws {Ext4Error} if a block is not on the disk
 */
export function* mappedRuns(volume: Volume, inode: Inode): Generator<BlockRun> {
  const { blockBytes } = volume.superblock;
  const end = Math.ceil(inode.size / blockBytes);
  const perBlock = blockBytes / 4;
  const { block } = inode;
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  yield* numberedRuns(volume, view, { level: 0, first: 0, end: Math.min(end, DIRECT_BLOCKS) });
  for (let level = 1, first = DIRECT_BLOCKS; level <= INDIRECT_LEVELS; level++) {
    const number = view.getUint32((DIRECT_BLOCKS + level - 1) * 4, true);
    if (number !== 0 && first < end) {
      yield* numberedRuns(volume, viewOf(volume.block(number)), { level: level - 1, first, end });
    }
    first += perBlock ** level;
  }
}

/** The part of a file that a block of numbers maps. */
interface Place {
  /** How many further levels of blocks of numbers there are before the data. */
  readonly level: number;
  /** Number in the file of the first block. */
  readonly first: number;
  /** Number of blocks in the file. */
  readonly end: number;
}

function* numberedRuns(
  volume: Volume,
  numbers: DataView,
  { level, first, end }: Place,
): Generator<BlockRun> {
  const span = (volume.superblock.blockBytes / 4) ** level;
  for (let at = 0; at < numbers.byteLength && first < end; at += 4, first += span) {
    const number = numbers.getUint32(at, true);
    if (number === 0) continue;
    if (level > 0) {
      yield* numberedRuns(volume, viewOf(volume.block(number)), { level: level - 1, first, end });
      continue;
    }
    volume.step();
    volume.checkBlocks(number, 1);
    yield { first, count: 1, at: number };
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
