/** Finds the transactions in the journal that are whole: the first pass of `do_one_pass` in fs/jbd2. */
import { COMMIT_BLOCK, DESCRIPTOR_BLOCK, JOURNAL_MAGIC, REVOKE_BLOCK } from "./journal_format.ts";
import type { JournalLog } from "./journal_log.ts";
import type { Volume } from "./volume.ts";

/** A transaction that was committed; its blocks are numbers in the journal. */
export interface Transaction {
  readonly sequence: number;
  readonly descriptors: readonly number[];
  readonly revokes: readonly number[];
}

const COMMIT_SECONDS_OFFSET = 48;

/**
 * The transactions from the oldest on. They end where no block follows that carries on: there the
 * power went, and what is behind is of an older round of the ring.
 *
 * @throws {Ext4Error} if a transaction is damaged that was committed
 */
export function* scanJournal(volume: Volume, log: JournalLog): Generator<Transaction> {
  const { start, first, blocks, sequence: oldest } = log.superblock;
  let descriptors: number[] = [];
  let revokes: number[] = [];
  let isDamaged = false;
  let lastSeconds = 0n;
  let number = start;
  let sequence = oldest;
  for (let left = blocks - first; left > 0; left--) {
    const block = log.block(number);
    const view = new DataView(block.buffer, block.byteOffset, block.length);
    if (view.getUint32(0) !== JOURNAL_MAGIC || view.getUint32(8) !== sequence) return;
    const type = view.getUint32(4);
    let logged = 0;
    if (type === DESCRIPTOR_BLOCK) {
      isDamaged ||= !log.isIntact(block);
      descriptors.push(number);
      for (const _ of log.tags(block)) logged++;
    } else if (type === REVOKE_BLOCK) {
      isDamaged ||= !log.isIntact(block);
      revokes.push(number);
    } else if (type === COMMIT_BLOCK) {
      const seconds = view.getBigUint64(COMMIT_SECONDS_OFFSET);
      // Of an older round of the ring, unless it is younger than the commit before.
      if (isDamaged && seconds < lastSeconds) return;
      if (isDamaged) throw damaged(volume, sequence);
      if (!log.isIntactCommit(block)) return;
      yield { sequence, descriptors, revokes };
      [descriptors, revokes, lastSeconds] = [[], [], seconds];
      sequence = (sequence + 1) >>> 0;
    } else {
      return;
    }
    number = log.next(number, 1 + logged);
    left -= logged;
  }
}

function damaged(volume: Volume, sequence: number): Error {
  return volume.refused(
    `its journal must match its checksums: transaction ${sequence} of it does not`,
  );
}
