/** Reads the blocks of the journal and decodes its control blocks. */
import { crc32c, crc32cAround } from "./crc32c.ts";
import { diskExtents } from "./file_content.ts";
import type { Inode } from "./inode.ts";
import {
  ESCAPED_FLAG,
  HEADER_BYTES,
  type JournalSuperblock,
  LAST_FLAG,
  readJournalSuperblock,
  SAME_UUID_FLAG,
  UUID_BYTES,
} from "./journal_format.ts";
import type { Volume } from "./volume.ts";

/** The place on the disk of a logged block, from a descriptor. */
export interface Tag {
  readonly block: number;
  /** Whether its first 4 bytes are the journal's magic and were logged as zeros. */
  readonly isEscaped: boolean;
  readonly checksum: number;
}

const COMMIT_CHECKSUM_OFFSET = 16;

/** A journal, as a ring of blocks. */
export class JournalLog {
  readonly superblock: JournalSuperblock;
  readonly #volume: Volume;
  /** The extents of the journal: first block in the journal, and offset on the disk in bytes. */
  readonly #runs: readonly { readonly first: number; readonly at: number }[];

  /** @throws {Ext4Error} if the inode is not a readable journal */
  constructor(volume: Volume, inode: Inode) {
    this.#volume = volume;
    const { blockBytes } = volume.superblock;
    const extents = [...diskExtents(volume, inode)];
    const bytes = extents.reduce((total, { length }) => total + length, 0);
    const isWhole = inode.kind === "file" && bytes > 0 && bytes === inode.size;
    if (!isWhole) throw volume.refused("its journal must be a file without holes: it is none");
    this.#runs = extents.map(({ offset, at }) => ({ first: offset / blockBytes, at }));
    const maxBlocks = Math.floor(inode.size / blockBytes);
    this.superblock = readJournalSuperblock(volume.disk, this.block(0), maxBlocks);
  }

  /** Returns the offset on the disk of a block of the journal, in bytes. */
  place(number: number): number {
    let low = 0;
    for (let high = this.#runs.length; high - low > 1;) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.first <= number) low = middle;
      else high = middle;
    }
    const run = this.#runs[low]!;
    return run.at + (number - run.first) * this.#volume.superblock.blockBytes;
  }

  /** Returns a block of the journal, as a view that must not be changed. */
  block(number: number): Uint8Array {
    return this.#volume.disk.view(this.place(number), this.#volume.superblock.blockBytes);
  }

  /** Returns the number of the block that is `count` after another in the ring. */
  next(number: number, count = 1): number {
    const { first, blocks } = this.superblock;
    const after = number + count;
    return after < blocks ? after : first + (after - first) % (blocks - first);
  }

  /** Yields the tags of a descriptor block. */
  *tags(descriptor: Uint8Array): Generator<Tag> {
    const { checksums, is64bit } = this.superblock;
    const view = viewOf(descriptor);
    const isV3 = checksums?.version === 3;
    const tagBytes = isV3 ? 16 : 8 + (checksums === undefined ? 0 : 2) + (is64bit ? 4 : 0);
    const end = descriptor.length - (checksums === undefined ? 0 : 4);
    for (let at = HEADER_BYTES; at + tagBytes <= end;) {
      const flags = isV3 ? view.getUint32(at + 4) : view.getUint16(at + 6);
      const high = is64bit ? view.getUint32(at + 8) : 0;
      yield {
        block: view.getUint32(at) + high * 2 ** 32,
        isEscaped: (flags & ESCAPED_FLAG) !== 0,
        checksum: isV3 ? view.getUint32(at + 12) : view.getUint16(at + 4),
      };
      if ((flags & LAST_FLAG) !== 0) return;
      at += tagBytes + ((flags & SAME_UUID_FLAG) === 0 ? UUID_BYTES : 0);
    }
  }

  /** Yields the block numbers in a revoke block. @throws {Ext4Error} if it is damaged */
  *revoked(block: Uint8Array): Generator<number> {
    const { checksums, is64bit } = this.superblock;
    const view = viewOf(block);
    const used = view.getUint32(HEADER_BYTES);
    if (used > block.length - (checksums === undefined ? 0 : 4)) {
      throw this.#volume.refused("revoke blocks must be whole: one of its journal is not");
    }
    const step = is64bit ? 8 : 4;
    for (let at = HEADER_BYTES + 4; at + step <= used; at += step) {
      yield is64bit ? view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4) : view.getUint32(at);
    }
  }

  /** Whether a descriptor or revoke block matches its checksum. */
  isIntact(block: Uint8Array): boolean {
    const { checksums } = this.superblock;
    const at = block.length - 4;
    return checksums === undefined ||
      viewOf(block).getUint32(at) === crc32cAround(checksums.seed, block, at, 4);
  }

  /** Whether a commit block matches its checksum. */
  isIntactCommit(block: Uint8Array): boolean {
    const { checksums } = this.superblock;
    if (checksums === undefined) return true;
    const sum = crc32cAround(checksums.seed, block, COMMIT_CHECKSUM_OFFSET, 4);
    return viewOf(block).getUint32(COMMIT_CHECKSUM_OFFSET) === sum;
  }

  /** Whether a logged block matches the checksum in its tag; v2 stores half of the sum. */
  isIntactData(block: Uint8Array, tag: Tag, sequence: number): boolean {
    const { checksums } = this.superblock;
    if (checksums === undefined) return true;
    // The sum includes the number of the transaction, big-endian as it is stored.
    const bytes = Uint8Array.of(sequence >>> 24, sequence >>> 16, sequence >>> 8, sequence);
    const sum = crc32c(crc32c(checksums.seed, bytes), block);
    return tag.checksum === (checksums.version === 3 ? sum : sum & 0xffff);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
