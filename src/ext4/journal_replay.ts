/** Presents a disk with its journal replayed, without writing to it. */
import type { Inode } from "./inode.ts";
import { JOURNAL_MAGIC } from "./journal_format.ts";
import { JournalLog, type Tag } from "./journal_log.ts";
import { scanJournal, type Transaction } from "./journal_scan.ts";
import type { Ext4Source } from "./source.ts";
import type { Volume } from "./volume.ts";

/** Where in the journal the newest content of a block is. */
interface LoggedBlock {
  readonly tag: Tag;
  /** Number of the block in the journal that contains it. */
  readonly number: number;
  readonly sequence: number;
}

// mke2fs makes journals of up to 262144 blocks (ext2fs_default_journal_size in e2fsprogs).
const MAX_JOURNAL_BLOCKS = 2 ** 20;

/**
 * Returns the disk of `volume` with the logged blocks in their places. Only their locations are
 * kept in memory, not their content.
 *
 * @throws {Ext4Error} if the journal is damaged, unless it only ends early
 */
export function replayJournal(volume: Volume, journal: Inode): Ext4Source {
  const log = new JournalLog(volume, journal);
  if (log.superblock.start === 0) return volume.disk;
  if (log.superblock.blocks > MAX_JOURNAL_BLOCKS) {
    throw volume.refused(`its journal must have at most ${MAX_JOURNAL_BLOCKS} blocks: it has more`);
  }
  const transactions = [...scanJournal(volume, log)];
  const newest = newestBlocks(log, transactions);
  dropRevoked(log, transactions, newest);
  const places = new Map<number, number>();
  for (const [block, { tag, number, sequence }] of newest) {
    checkBlock(volume, block);
    if (!log.isIntactData(log.block(number), tag, sequence)) {
      throw volume.refused(
        `its journal must match its checksums: the copy of block ${block} does not`,
      );
    }
    // Places are multiples of the block size, so the lowest bit is free for a flag.
    places.set(block, log.place(number) + (tag.isEscaped ? 1 : 0));
  }
  return places.size === 0 ? volume.disk : overlaid(volume, places);
}

function newestBlocks(
  log: JournalLog,
  transactions: readonly Transaction[],
): Map<number, LoggedBlock> {
  const newest = new Map<number, LoggedBlock>();
  for (const { sequence, descriptors } of transactions) {
    for (const descriptor of descriptors) {
      let number = descriptor;
      for (const tag of log.tags(log.block(descriptor))) {
        number = log.next(number);
        newest.set(tag.block, { tag, number, sequence });
      }
    }
  }
  return newest;
}

/**
 * Removes blocks that were revoked: their content from transactions up to the one that revoked them
 * is invalid. A block that was logged again later stays.
 */
function dropRevoked(
  log: JournalLog,
  transactions: readonly Transaction[],
  newest: Map<number, LoggedBlock>,
): void {
  for (const { sequence, revokes } of transactions) {
    for (const revoke of revokes) {
      for (const block of log.revoked(log.block(revoke))) {
        const logged = newest.get(block);
        // Transaction numbers wrap around at 2^32 (`tid_gt` in include/linux/jbd2.h).
        if (logged !== undefined && (logged.sequence - sequence | 0) <= 0) newest.delete(block);
      }
    }
  }
}

/** Checks that a block is on the disk. Block 0 is accepted: the superblock may be logged too. */
function checkBlock(volume: Volume, block: number): void {
  if (block < volume.superblock.blocks) return;
  throw volume.refused(`its journal must have blocks of the disk only: ${block} is not one`);
}

/**
 * Makes a source in which blocks are replaced by logged ones.
 *
 * @param places by block, the offset of its replacement in bytes, plus 1 if it is escaped
 */
function overlaid(volume: Volume, places: ReadonlyMap<number, number>): Ext4Source {
  const { disk, superblock: { blockBytes } } = volume;
  return {
    name: disk.name,
    size: disk.size,
    readAt(offset, buffer) {
      disk.readAt(offset, buffer);
      const end = offset + buffer.length;
      for (let block = Math.floor(offset / blockBytes); block * blockBytes < end; block++) {
        const place = places.get(block);
        if (place === undefined) continue;
        const content = disk.view(place - place % 2, blockBytes).slice();
        if (place % 2 === 1) new DataView(content.buffer).setUint32(0, JOURNAL_MAGIC);
        const start = block * blockBytes;
        const from = Math.max(offset, start);
        buffer.set(content.subarray(from - start, end - start), from - offset);
      }
    },
  };
}
