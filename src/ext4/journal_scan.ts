/**
 * Finds the complete transactions in the journal, as the first pass of `do_one_pass` in fs/jbd2.
 */
import { COMMIT_BLOCK, DESCRIPTOR_BLOCK, JOURNAL_MAGIC, REVOKE_BLOCK } from "./journal_format.ts";
import type { JournalLog } from "./journal_log.ts";
import type { Volume } from "./volume.ts";

/** A committed transaction; `descriptors` and `revokes` are numbers of blocks in the journal. */
export interface Transaction {
  readonly sequence: number;
  readonly descriptors: readonly number[];
  readonly revokes: readonly number[];
}

const COMMIT_SECONDS_OFFSET = 48;

/**
 * Yields the transactions, the oldest first, up to a block that does not continue them: there
 * writing stopped, and the blocks after it are from an earlier pass around the ring.
 *
 * @throws {Ext4Error} if a committed transaction is damaged
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
      // An older commit than the one before it is from an earlier pass around the ring.
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
