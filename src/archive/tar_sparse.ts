/**
 * Where the data of a sparse entry belongs: the old GNU form and pax forms 0.0, 0.1 and 1.0
 * (GNU tar manual, "Storing Sparse Files").
 */
import { ArchiveError } from "./archive_error.ts";
import type { ByteReader } from "./byte_reader.ts";
import { type RawHeader, readNumber } from "./decode_tar_header.ts";
import { BLOCK_BYTES } from "./tar_format.ts";

// Far more than a file can need; a hostile map must not fill the memory.
const MAX_PIECES = 1 << 20;

/** A run of stored bytes and its place in the file. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** The segments of an entry and what reading their map took from the entry's stored data. */
export interface SparseMap {
  readonly segments: readonly Segment[];
  readonly mapBytes: number;
}

/** The map of an entry with typeflag `S`: four slots in the header, more in blocks behind it. */
export async function readGnuMap(raw: RawHeader, bytes: ByteReader): Promise<SparseMap> {
  const segments = gnuSlots(raw.block, 386, 4);
  let isExtended = raw.block[482] !== 0;
  while (isExtended) {
    const block = await bytes.readExactly(BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) throw badMap(raw.name);
    segments.push(...gnuSlots(block, 0, 21));
    isExtended = block[504] !== 0;
  }
  // These blocks do not count as data in the header's size, unlike those of pax form 1.0.
  return { segments, mapBytes: 0 };
}

/** The map in the records of pax forms 0.0 (pairs of records) and 0.1 (one list). */
export function paxMap(name: string, records: readonly [string, string][]): SparseMap {
  const numbers = records.flatMap(([key, value]) => {
    if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") return [value];
    if (key === "GNU.sparse.map" && value !== "") return value.split(",");
    return [];
  });
  return { segments: pairs(name, numbers), mapBytes: 0 };
}

/** The map of pax form 1.0: decimal lines in front of the data, padded to a block. */
export async function readPaxMap(
  name: string,
  storedBytes: number,
  bytes: ByteReader,
): Promise<SparseMap> {
  const lines: string[] = [];
  let rest = "";
  let mapBytes = 0;
  const hasAll = () => lines.length > 2 * Number(lines[0]);
  while (!hasAll()) {
    // One block at a time, since the data starts right behind the last one.
    const block = await bytes.readExactly(BLOCK_BYTES);
    mapBytes += block.length;
    if (block.length < BLOCK_BYTES || mapBytes > storedBytes) throw badMap(name);
    // Only what is new is split: a map may have millions of lines.
    const pieces = (rest + String.fromCharCode(...block)).split("\n");
    rest = pieces.pop()!;
    lines.push(...pieces);
    if (lines.length === 0 || !(Number(lines[0]) <= MAX_PIECES)) throw badMap(name);
  }
  return { segments: pairs(name, lines.slice(1, 1 + 2 * Number(lines[0]))), mapBytes };
}

/**
 * The segments of `map`, if they are in order and fill exactly the stored bytes.
 *
 * @throws {ArchiveError} if they do not
 */
export function checkedSegments(
  name: string,
  map: SparseMap,
  storedBytes: number,
  size: number,
): readonly Segment[] {
  let end = 0;
  let total = 0;
  for (const { offset, length } of map.segments) {
    if (offset < end) throw badMap(name);
    end = offset + length;
    total += length;
  }
  if (end > size || total !== storedBytes - map.mapBytes) throw badMap(name);
  return map.segments;
}

function gnuSlots(block: Uint8Array, start: number, count: number): Segment[] {
  return Array.from({ length: count }, (_, index) => start + index * 24)
    .filter((at) => block[at] !== 0)
    .map((at) => ({ offset: readNumber(block, at, 12), length: readNumber(block, at + 12, 12) }));
}

function pairs(name: string, numbers: readonly string[]): Segment[] {
  if (numbers.length % 2 !== 0 || !numbers.every((text) => /^0*[0-9]{1,15}$/.test(text))) {
    throw badMap(name);
  }
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: Number(numbers[2 * index]),
    length: Number(numbers[2 * index + 1]),
  }));
}

function badMap(name: string): ArchiveError {
  return new ArchiveError(
    `Cannot read ${JSON.stringify(name)} as a sparse entry must list its pieces in order: ` +
      "its map does not fit its data",
  );
}
