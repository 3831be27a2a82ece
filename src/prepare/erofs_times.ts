// Sets mtimes in a finished erofs without checksums.
//
// fs/erofs/erofs_fs.h; all little-endian:
//   superblock   at 1024: 12 log2 of a block u8   14 root nid u16   40 block of inodes u32
//   inode        at the block of inodes and 32 times its nid: 0 format u16 (1: extended; 2..8: how data
//                are laid out)   2 count of xattrs u16   8 size u64   16 block of data u32   32 mtime u64
//   folder       blocks of entries: 0 nid u64   8 place of the name u16; the first place is where they end

import { decodeName } from "../archive/decode_name.ts";

const SUPERBLOCK_AT = 1024;
const SUPERBLOCK_BYTES = 128;
const NID_BYTES = 32;
const EXTENDED_BYTES = 64;
const ENTRY_BYTES = 12;
/** The header of inline extended attributes, which includes the first of the counted units. */
const XATTR_HEADER_BYTES = 12;
const PLAIN = 0;
const INLINE = 2;

interface Inode {
  readonly at: number;
  readonly isExtended: boolean;
  readonly layout: number;
  readonly bytes: number;
  readonly dataBlock: number;
  /** The offset of the inode's inline data. */
  readonly tailAt: number;
}

/** An erofs whose mtimes can be set. */
export class ErofsTimes implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #blockBytes: number;
  readonly #root: number;
  readonly #inodesAt: number;
  readonly #folders = new Map<number, ReadonlyMap<string, number>>();

  constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path, { read: true, write: true });
    const superblock = this.#read(SUPERBLOCK_AT, SUPERBLOCK_BYTES);
    this.#blockBytes = 2 ** superblock.getUint8(12);
    this.#root = superblock.getUint16(14, true);
    this.#inodesAt = superblock.getUint32(40, true) * this.#blockBytes;
  }

  /** @param seconds since the epoch @throws {Error} if the path does not exist. */
  set(path: string, seconds: number): void {
    let nid = this.#root;
    for (const part of path.split("/").filter((part) => part !== "")) {
      const found = this.#namesIn(nid).get(part);
      if (found === undefined) throw this.#refused(path, "it does not exist");
      nid = found;
    }
    const { at, isExtended } = this.#inode(nid);
    if (!isExtended) throw this.#refused(path, "its inode has no time");
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigInt64(0, BigInt(seconds), true);
    this.#file.seekSync(at + 32, Deno.SeekMode.Start);
    this.#file.writeSync(new Uint8Array(bytes.buffer));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #inode(nid: number): Inode {
    const at = this.#inodesAt + nid * NID_BYTES;
    const inode = this.#read(at, EXTENDED_BYTES);
    const format = inode.getUint16(0, true);
    const isExtended = (format & 1) !== 0;
    const xattrs = inode.getUint16(2, true);
    const xattrBytes = xattrs === 0 ? 0 : XATTR_HEADER_BYTES + (xattrs - 1) * 4;
    return {
      at,
      isExtended,
      layout: format >> 1 & 7,
      bytes: isExtended ? Number(inode.getBigUint64(8, true)) : inode.getUint32(8, true),
      dataBlock: inode.getUint32(16, true),
      tailAt: at + (isExtended ? EXTENDED_BYTES : NID_BYTES) + xattrBytes,
    };
  }

  #namesIn(nid: number): ReadonlyMap<string, number> {
    const known = this.#folders.get(nid);
    if (known !== undefined) return known;
    const inode = this.#inode(nid);
    if (inode.layout !== PLAIN && inode.layout !== INLINE) {
      throw this.#refused("a folder", `its layout is ${inode.layout}`);
    }
    const names = new Map<string, number>();
    for (let start = 0; start < inode.bytes; start += this.#blockBytes) {
      const length = Math.min(this.#blockBytes, inode.bytes - start);
      const isTail = inode.layout === INLINE && length < this.#blockBytes;
      const at = isTail ? inode.tailAt : inode.dataBlock * this.#blockBytes + start;
      for (const [name, child] of entriesIn(this.#read(at, length))) names.set(name, child);
    }
    this.#folders.set(nid, names);
    return names;
  }

  #read(position: number, count: number): DataView {
    const bytes = new Uint8Array(count);
    this.#file.seekSync(position, Deno.SeekMode.Start);
    for (let filled = 0; filled < count;) {
      const read = this.#file.readSync(bytes.subarray(filled));
      if (read === null) break; // an inode at the end is shorter
      filled += read;
    }
    return new DataView(bytes.buffer);
  }

  #refused(what: string, fact: string): Error {
    return new Error(`cannot set the mtime of ${what} in ${this.#path}: ${fact}`);
  }
}

function* entriesIn(block: DataView): Generator<[name: string, nid: number]> {
  const bytes = new Uint8Array(block.buffer);
  const count = block.getUint16(8, true) / ENTRY_BYTES;
  for (let index = 0; index < count; index++) {
    const at = index * ENTRY_BYTES;
    const start = block.getUint16(at + 8, true);
    const end = index + 1 < count ? block.getUint16(at + ENTRY_BYTES + 8, true) : bytes.length;
    const name = bytes.subarray(start, end);
    const nul = name.indexOf(0);
    yield [
      decodeName(nul < 0 ? name : name.subarray(0, nul)),
      Number(block.getBigUint64(at, true)),
    ];
  }
}
