/**
 * Reads the extent tree of a file (Documentation/filesystems/ext4/ifork.rst,
 * fs/ext4/ext4_extents.h). A node is the 60 bytes in the inode, or a block:
 *
 * ```text
 * header  0 magic u16   2 entries u16   4 max u16       6 depth u16      8 generation
 * index   0 block       4 leaf, low     8 leaf, high u16
 * extent  0 block       4 len u16       6 start, high u16   8 start, low
 * ```
 *
 * Header and entries have 12 bytes each. In a block a checksum follows the space for `max` entries.
 */
import { crc32c } from "./crc32c.ts";
import type { Inode } from "./inode.ts";
import type { Volume } from "./volume.ts";

/** Blocks that are contiguous both in a file and on the disk. */
export interface BlockRun {
  /** Number of the first block in the file. */
  readonly first: number;
  readonly count: number;
  /** Number of the first block on the disk. */
  readonly at: number;
}

const ENTRY_BYTES = 12;
const MAGIC = 0xf30a;
// EXT4_MAX_EXTENT_DEPTH of fs/ext4/ext4_extents.h.
const MAX_DEPTH = 5;
// EXT_INIT_MAX_LEN: a longer extent is allocated but unwritten, and reads as zeros.
const MAX_WRITTEN_BLOCKS = 32768;

/** The part of a file that a node may map, in blocks. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Yields the extents of a file in order; holes and unwritten extents are left out.
 *
 * The depth decreases with each level and no two nodes map the same part, so there are no cycles.
 *
 * @throws {Ext4Error} if the tree is damaged
 */
export function* extentRuns(volume: Volume, inode: Inode): Generator<BlockRun> {
  yield* nodeRuns(volume, inode, inode.block, { start: 0, end: 2 ** 32 });
}

function* nodeRuns(
  volume: Volume,
  inode: Inode,
  node: Uint8Array,
  range: Range,
  expectedDepth?: number,
): Generator<BlockRun> {
  const view = new DataView(node.buffer, node.byteOffset, node.length);
  const depth = view.getUint16(6, true);
  const entries = view.getUint16(2, true);
  const isNode = view.getUint16(0, true) === MAGIC && depth <= MAX_DEPTH &&
    (expectedDepth === undefined || depth === expectedDepth) &&
    entries <= view.getUint16(4, true) && (entries + 1) * ENTRY_BYTES <= node.length &&
    (entries > 0 || depth === 0);
  if (!isNode) throw damaged(volume, inode);
  if (expectedDepth !== undefined) checkChecksum(volume, inode, node, view);
  if (depth === 0) yield* leafRuns(volume, inode, view, range);
  else yield* indexRuns(volume, inode, view, range, depth);
}

function* leafRuns(
  volume: Volume,
  inode: Inode,
  view: DataView,
  { start, end }: Range,
): Generator<BlockRun> {
  const entries = view.getUint16(2, true);
  for (let entry = 1, from = start; entry <= entries; entry++) {
    const offset = entry * ENTRY_BYTES;
    const first = view.getUint32(offset, true);
    const length = view.getUint16(offset + 4, true);
    const isWritten = length <= MAX_WRITTEN_BLOCKS;
    const count = isWritten ? length : length - MAX_WRITTEN_BLOCKS;
    if (first < from || count === 0 || first + count > end) throw damaged(volume, inode);
    from = first + count;
    if (!isWritten) continue;
    const at = view.getUint32(offset + 8, true) + view.getUint16(offset + 6, true) * 2 ** 32;
    volume.step();
    volume.checkBlocks(at, count);
    yield { first, count, at };
  }
}

function* indexRuns(
  volume: Volume,
  inode: Inode,
  view: DataView,
  { start, end }: Range,
  depth: number,
): Generator<BlockRun> {
  const entries = view.getUint16(2, true);
  const firstOf = (entry: number) => view.getUint32(entry * ENTRY_BYTES, true);
  for (let entry = 1; entry <= entries; entry++) {
    const range = { start: firstOf(entry), end: entry < entries ? firstOf(entry + 1) : end };
    if (range.start < start || range.end <= range.start || range.end > end) {
      throw damaged(volume, inode);
    }
    const offset = entry * ENTRY_BYTES;
    const leaf = view.getUint32(offset + 4, true) + view.getUint16(offset + 8, true) * 2 ** 32;
    yield* nodeRuns(volume, inode, volume.block(leaf), range, depth - 1);
  }
}

function checkChecksum(volume: Volume, inode: Inode, node: Uint8Array, view: DataView): void {
  if (inode.checksumSeed === undefined) return;
  const at = (view.getUint16(4, true) + 1) * ENTRY_BYTES;
  const isRight = at + 4 <= node.length &&
    view.getUint32(at, true) === crc32c(inode.checksumSeed, node.subarray(0, at));
  if (isRight) return;
  throw volume.refused(`extents must match their checksums: of inode ${inode.number} some do not`);
}

function damaged(volume: Volume, inode: Inode): Error {
  return volume.refused(`extents must be in order: those of inode ${inode.number} are not`);
}
