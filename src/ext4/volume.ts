/**
 * Finds blocks and inodes on a disk, and limits the work that a hostile one can cause.
 *
 * A group descriptor (Documentation/filesystems/ext4/group_descr.rst) has 32 bytes, or more with
 * 64bit; their table begins in the block after the superblock's. These fields are read:
 *
 * ```text
 * 0x08 inode_table, low    0x1e checksum u16    0x28 inode_table, high
 * ```
 */
import { crc32cAround, crc32cOfNumber } from "./crc32c.ts";
import type { Ext4Error } from "./ext4_error.ts";
import type { PageCache } from "./page_cache.ts";
import { refused } from "./source.ts";
import type { Superblock } from "./superblock.ts";

// On an honest disk no blocks are shared, and each is read at most once to compare, once to map and
// once to copy: this allows more, and is still linear in the size of the disk.
const STEPS_PER_BLOCK = 8;
const MIN_STEPS = 65536;

/** A disk with its superblock. */
export class Volume {
  readonly superblock: Superblock;
  readonly disk: PageCache;
  readonly #inodeTables = new Map<number, number>();
  #stepsLeft: number;

  constructor(disk: PageCache, superblock: Superblock) {
    this.disk = disk;
    this.superblock = superblock;
    this.#stepsLeft = superblock.blocks * STEPS_PER_BLOCK + MIN_STEPS;
  }

  /** Makes the error for this disk. @param why the rule and the fact */
  refused(why: string): Ext4Error {
    return refused(this.disk, why);
  }

  /**
   * Counts one step of work. Without a limit, blocks that refer to each other in cycles, or many
   * files that share their blocks, would be read forever.
   *
   * @throws {Ext4Error} if there were many more steps than an honest disk needs
   */
  step(): void {
    if (--this.#stepsLeft >= 0) return;
    throw this.refused("its blocks must be used once: they are used again and again");
  }

  /**
   * Returns a block of metadata, as a view that must not be changed.
   *
   * @throws {Ext4Error} if there is no such block
   */
  block(number: number): Uint8Array {
    this.step();
    this.checkBlocks(number, 1);
    const { blockBytes } = this.superblock;
    return this.disk.view(number * blockBytes, blockBytes);
  }

  /** Checks a run of blocks. @throws {Ext4Error} if it is not on the disk */
  checkBlocks(first: number, count: number): void {
    const { blocks, firstDataBlock } = this.superblock;
    if (first > firstDataBlock && first + count <= blocks) return;
    throw this.refused(`blocks must be of its ${blocks}: ${count} at ${first} are not`);
  }

  /**
   * Returns the bytes of an inode, as a view that must not be changed.
   *
   * @throws {Ext4Error} if there is no such inode
   */
  inodeBytes(number: number): Uint8Array {
    const { inodes, inodesPerGroup, inodeBytes, blockBytes } = this.superblock;
    if (number < 1 || number > inodes) {
      throw this.refused(`inodes must be of its ${inodes}: ${number} is not`);
    }
    const index = (number - 1) % inodesPerGroup;
    const table = this.#inodeTable((number - 1 - index) / inodesPerGroup);
    return this.disk.view(table * blockBytes + index * inodeBytes, inodeBytes);
  }

  /** Returns the first block of a group's inode table. */
  #inodeTable(group: number): number {
    const known = this.#inodeTables.get(group);
    if (known !== undefined) return known;
    const { blockBytes, descriptorBytes, inodesPerGroup, inodeBytes } = this.superblock;
    const superblockNumber = blockBytes === 1024 ? 1 : 0;
    const at = (superblockNumber + 1) * blockBytes + group * descriptorBytes;
    const bytes = this.disk.view(at, descriptorBytes);
    this.#checkDescriptor(group, bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const high = descriptorBytes >= 64 ? view.getUint32(0x28, true) : 0;
    const table = view.getUint32(0x08, true) + high * 2 ** 32;
    this.checkBlocks(table, Math.ceil(inodesPerGroup * inodeBytes / blockBytes));
    this.#inodeTables.set(group, table);
    return table;
  }

  #checkDescriptor(group: number, bytes: Uint8Array): void {
    const { checksumSeed } = this.superblock;
    if (checksumSeed === undefined) return;
    const sum = crc32cAround(crc32cOfNumber(checksumSeed, group), bytes, 0x1e, 2) & 0xffff;
    if (sum === (bytes[0x1e]! | bytes[0x1f]! << 8)) return;
    throw this.refused(`group descriptors must match their checksums: that of ${group} does not`);
  }
}
