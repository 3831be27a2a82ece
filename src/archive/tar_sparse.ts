/**
 * Reads the map of a sparse entry: the old GNU format and pax formats 0.0, 0.1 and 1.0
 * (GNU tar manual, "Storing Sparse Files").
 */
import type { ByteReader } from "./byte_reader.ts";
import { type RawHeader, readNumber } from "./decode_tar_header.ts";
import { badMap, MapNumbers } from "./sparse_numbers.ts";
import { Pieces } from "./sparse_pieces.ts";
import { BLOCK_BYTES } from "./tar_format.ts";

/** The pieces of an entry, and how many bytes of its stored data their map took. */
export interface SparseMap {
  readonly pieces: Pieces;
  readonly mapBytes: number;
}

const SLOTS_IN_HEADER = 4;
const SLOTS_IN_BLOCK = 21;
const NEWLINE = 0x0a;
const COMMA = 0x2c;

/**
 * Reads the map of an entry with typeflag `S`: four slots in the header, more in blocks after it.
 */
export async function readGnuMap(
  name: string,
  raw: RawHeader,
  bytes: ByteReader,
  maxPieces: number,
): Promise<SparseMap> {
  const pieces = new Pieces(name, maxPieces);
  addSlots(pieces, raw.block, 386, SLOTS_IN_HEADER, raw.position);
  let isExtended = raw.block[482] !== 0;
  // Empty slots count too, as empty blocks could follow one another without end.
  for (let slots = SLOTS_IN_HEADER; isExtended; slots += SLOTS_IN_BLOCK) {
    if (slots > maxPieces) throw pieces.tooMany();
    const block = await bytes.readExactly(BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) throw badMap(name);
    addSlots(pieces, block, 0, SLOTS_IN_BLOCK, bytes.position);
    isExtended = block[504] !== 0;
  }
  // These blocks are not part of the size in the header, unlike those of pax format 1.0.
  return { pieces, mapBytes: 0 };
}

/** Parses the map in the records of pax formats 0.0 (pairs of records) and 0.1 (one list). */
export function paxMap(name: string, lists: readonly Uint8Array[], maxPieces: number): SparseMap {
  const numbers = new MapNumbers(new Pieces(name, maxPieces), COMMA);
  for (const list of lists) {
    if (list.length === 0) continue; // a file that is one hole has an empty list in format 0.1
    numbers.add(list);
    numbers.endNumber();
  }
  return { pieces: numbers.finish(), mapBytes: 0 };
}

/** Reads the map of pax format 1.0: decimal lines in front of the data, padded to a block. */
export async function readPaxMap(
  name: string,
  storedBytes: number,
  bytes: ByteReader,
  maxPieces: number,
): Promise<SparseMap> {
  const pieces = new Pieces(name, maxPieces);
  const numbers = new MapNumbers(pieces, NEWLINE);
  numbers.expectCount();
  let mapBytes = 0;
  while (!numbers.isWhole) {
    // One block at a time, since the data starts directly after the last one.
    const block = await bytes.readExactly(BLOCK_BYTES);
    mapBytes += block.length;
    if (block.length < BLOCK_BYTES || mapBytes > storedBytes) throw badMap(name);
    numbers.add(block);
  }
  return { pieces, mapBytes };
}

/**
 * Returns the pieces of `map` after checking that they are in order and fill exactly the stored
 * bytes.
 *
 * @throws {ArchiveError} if they do not
 */
export function checkedPieces(
  name: string,
  { pieces, mapBytes }: SparseMap,
  storedBytes: number,
  size: number,
): Pieces {
  let end = 0;
  let total = 0;
  for (let index = 0; index < pieces.count; index++) {
    const offset = pieces.offset(index);
    const length = pieces.length(index);
    if (offset < end || length < 0) throw badMap(name);
    end = offset + length;
    total += length;
  }
  if (end > size || total !== storedBytes - mapBytes) throw badMap(name);
  return pieces;
}

function addSlots(
  pieces: Pieces,
  block: Uint8Array,
  start: number,
  count: number,
  position: number,
): void {
  for (let at = start; at < start + count * 24; at += 24) {
    if (block[at] === 0) continue;
    pieces.add(readNumber(block, at, 12, position), readNumber(block, at + 12, 12, position));
  }
}
