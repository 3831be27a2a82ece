/**
 * Encodes the content of a file for a tar archive: whole, or, if it has large holes, in GNU tar's
 * pax format 1.0 (GNU tar manual, "Storing Sparse Files"): a map in decimal lines, padded to a
 * block, in front of the data.
 */
import { paddingBytes } from "../archive/tar_format.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import type { Extent } from "../ext4/file_content.ts";
import type { Inode } from "../ext4/inode.ts";
import { zeros } from "./hash_file.ts";

/** The stored form of a file's content. */
export interface StoredContent {
  /** Bytes in the archive, with the map, without padding. */
  readonly storedBytes: number;
  /** The pax records of a sparse file; none if the content is whole. */
  readonly records: readonly (readonly [string, string])[];
  /** Yields the stored bytes, the map first. */
  pieces(): Generator<Uint8Array>;
}

// Shorter holes are not worth a line in the map.
const MIN_HOLE_BYTES = 64 * 1024;
// The map is kept in memory, here and by the program that unpacks it.
const MAX_SEGMENTS = 65_536;

/**
 * Returns the stored form of a file's content; undefined if it has too many pieces.
 *
 * @throws {Ext4Error} if the file is damaged
 */
export function storedContent(disk: Ext4, file: Inode): StoredContent | undefined {
  const segments = segmentsOf(disk, file);
  if (segments === undefined) return undefined;
  const [first] = segments;
  const isWhole = file.size === 0 || first?.offset === 0 && first.length === file.size;
  // An empty piece at the end marks a final hole for GNU tar.
  const map = isWhole
    ? new Uint8Array()
    : encodeMap([...segments, { offset: file.size, length: 0 }]);
  const dataBytes = segments.reduce((total, { length }) => total + length, 0);
  return {
    storedBytes: map.length + dataBytes,
    records: isWhole ? [] : [
      ["GNU.sparse.major", "1"],
      ["GNU.sparse.minor", "0"],
      ["GNU.sparse.realsize", String(file.size)],
    ],
    *pieces() {
      if (map.length > 0) yield map;
      yield* dataPieces(disk, file, segments);
    },
  };
}

/** The parts of a file that are stored, with the small holes in them. */
function segmentsOf(disk: Ext4, file: Inode): Extent[] | undefined {
  const segments: Extent[] = [];
  for (const extent of disk.extents(file)) {
    const last = segments.at(-1);
    const end = last === undefined ? 0 : last.offset + last.length;
    const isNear = extent.offset - end < MIN_HOLE_BYTES;
    const offset = isNear ? last?.offset ?? 0 : extent.offset;
    if (isNear) segments.pop();
    segments.push({ offset, length: extent.offset + extent.length - offset });
    if (segments.length > MAX_SEGMENTS) return undefined;
  }
  const last = segments.pop();
  if (last === undefined) return file.size < MIN_HOLE_BYTES ? wholeFile(file) : [];
  const isNear = file.size - last.offset - last.length < MIN_HOLE_BYTES;
  return [...segments, isNear ? { ...last, length: file.size - last.offset } : last];
}

function wholeFile(file: Inode): Extent[] {
  return file.size === 0 ? [] : [{ offset: 0, length: file.size }];
}

function encodeMap(segments: readonly Extent[]): Uint8Array {
  const lines = segments.map(({ offset, length }) => `${offset}\n${length}\n`);
  const text = new TextEncoder().encode(`${segments.length}\n${lines.join("")}`);
  const map = new Uint8Array(text.length + paddingBytes(text.length));
  map.set(text);
  return map;
}

function* dataPieces(
  disk: Ext4,
  file: Inode,
  segments: readonly Extent[],
): Generator<Uint8Array> {
  const content = disk.content(file);
  let next = content.next();
  for (const { offset, length } of segments) {
    const end = offset + length;
    let position = offset;
    while (!next.done && next.value.offset < end) {
      yield* zeros(next.value.offset - position);
      yield next.value.bytes;
      position = next.value.offset + next.value.bytes.length;
      next = content.next();
    }
    yield* zeros(end - position);
  }
}
