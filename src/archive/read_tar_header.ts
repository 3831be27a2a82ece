/** Joins a tar header with the extension headers in front of it: pax, GNU long names, sparse maps. */
import { ArchiveError } from "./archive_error.ts";
import type { ByteReader } from "./byte_reader.ts";
import { decodeTarHeader, type RawHeader, readNumber, readText } from "./decode_tar_header.ts";
import { readHeaderBlock } from "./read_header_block.ts";
import { decodePax, encodeLatin, XATTR_PREFIX } from "./pax_records.ts";
import { paddingBytes, type TarHeader, type TarType } from "./tar_format.ts";
import { checkedSegments, paxMap, readGnuMap, readPaxMap, type Segment } from "./tar_sparse.ts";

// Far more than a path can need; a hostile size must not become an allocation.
const MAX_EXTENSION_BYTES = 1 << 20;

const TYPES: ReadonlyMap<string, TarType> = new Map([
  ["0", "file"],
  ["\0", "file"],
  ["7", "file"], // Contiguous, which no system tells from a file any more.
  ["S", "file"],
  ["1", "link"],
  ["2", "symlink"],
  ["3", "char"],
  ["4", "block"],
  ["5", "directory"],
  ["D", "directory"], // GNU incremental: its data is a list of names, which is skipped.
  ["6", "fifo"],
]);

/** A header with its extensions applied, and how its content is stored. */
export interface FullHeader {
  readonly header: TarHeader;
  readonly segments: readonly Segment[];
  /** Bytes of content that are still in the stream, without padding. */
  readonly storedBytes: number;
}

/** Typeflags of headers that belong to the entry behind them: they cannot be the last. */
const EXTENSIONS = "xXLK";

/**
 * Reads from a header block up to the start of the entry's content; undefined if there is no entry: an
 * archive may end behind a label, or what a global header says.
 *
 * @param globals what pax global headers said so far; changed when there is one more
 * @throws {ArchiveError} if the headers are malformed, cut short or of an unknown kind
 */
export async function readTarHeader(
  firstBlock: Uint8Array,
  bytes: ByteReader,
  globals: Map<string, string>,
): Promise<FullHeader | undefined> {
  let raw = decodeTarHeader(firstBlock);
  let isExtended = false;
  const local: [string, string][] = [];
  while (true) {
    if (raw.typeflag === "x" || raw.typeflag === "X") {
      local.push(...decodePax(await readExtension(raw, bytes)));
    } else if (raw.typeflag === "g") {
      for (const [key, value] of decodePax(await readExtension(raw, bytes))) {
        globals.set(key, value);
      }
    } else if (raw.typeflag === "L" || raw.typeflag === "K") {
      const text = await readExtension(raw, bytes);
      local.push([raw.typeflag === "L" ? "path" : "linkpath", readText(text, 0, text.length)]);
    } else if (raw.typeflag === "V") {
      await readExtension(raw, bytes);
    } else {
      return await fullHeader(raw, local, globals, bytes);
    }
    isExtended ||= EXTENSIONS.includes(raw.typeflag);
    const block = await readHeaderBlock(bytes);
    if (block === undefined && isExtended) throw cutShort(raw, bytes);
    if (block === undefined) return undefined;
    raw = decodeTarHeader(block);
  }
}

async function fullHeader(
  raw: RawHeader,
  local: readonly [string, string][],
  globals: ReadonlyMap<string, string>,
  bytes: ByteReader,
): Promise<FullHeader> {
  const all = new Map([...globals, ...local]);
  // An empty value takes a global one back (POSIX.1-2017 pax, "pax Extended Header").
  const pax = (key: string) => all.get(key) || undefined;
  const number = (key: string, own: number) => paxNumber(key, pax(key)) ?? own;

  const name = pax("GNU.sparse.name") ?? pax("path") ?? raw.name;
  let type = TYPES.get(raw.typeflag);
  if (type === undefined) {
    throw new ArchiveError(
      `Cannot read ${JSON.stringify(name)} as the type of an entry must be known: ` +
        `it is ${JSON.stringify(raw.typeflag)}`,
    );
  }
  // Before ustar, a directory was a file whose name ends with a slash.
  if (type === "file" && name.endsWith("/")) type = "directory";

  // Links and devices state the size of what they stand for, but store none of it.
  const hasContent = type === "file" || raw.typeflag === "D" || TYPES.get(raw.typeflag) === "file";
  const stored = hasContent ? number("size", raw.size) : 0;
  if (stored < 0) {
    throw new ArchiveError(
      `Cannot read ${JSON.stringify(name)} as its size must not be negative: ${stored}`,
    );
  }
  const header = {
    type,
    name,
    linkName: type === "link" || type === "symlink" ? pax("linkpath") ?? raw.linkName : "",
    mode: raw.mode & 0o7777,
    uid: number("uid", raw.uid),
    gid: number("gid", raw.gid),
    size: type === "file" ? stored : 0,
    mtime: number("mtime", raw.mtime),
    major: raw.major,
    minor: raw.minor,
    ...xattrsOf(local),
  };
  if (type !== "file") return { header, segments: [], storedBytes: stored };

  const isPaxSparse = pax("GNU.sparse.major") !== undefined ||
    pax("GNU.sparse.size") !== undefined;
  if (raw.typeflag !== "S" && !isPaxSparse) {
    return { header, segments: [{ offset: 0, length: stored }], storedBytes: stored };
  }
  const size = raw.typeflag === "S"
    ? readNumber(raw.block, 483, 12)
    : number("GNU.sparse.realsize", number("GNU.sparse.size", stored));
  const map = raw.typeflag === "S"
    ? await readGnuMap(raw, bytes)
    : pax("GNU.sparse.major") === "1"
    ? await readPaxMap(name, stored, bytes)
    : paxMap(name, local);
  return {
    header: { ...header, size },
    segments: checkedSegments(name, map, stored, size),
    storedBytes: stored - map.mapBytes,
  };
}

async function readExtension(raw: RawHeader, bytes: ByteReader): Promise<Uint8Array> {
  if (raw.size < 0 || raw.size > MAX_EXTENSION_BYTES) {
    throw new ArchiveError(
      `Cannot read the tar archive as an extended header must be at most ` +
        `${MAX_EXTENSION_BYTES} bytes: it says ${raw.size}`,
    );
  }
  const padded = raw.size + paddingBytes(raw.size);
  const content = await bytes.readExactly(padded);
  if (content.length < padded) throw cutShort(raw, bytes);
  return content.subarray(0, raw.size);
}

function xattrsOf(records: readonly [string, string][]): Pick<TarHeader, "xattrs"> {
  const found = records.filter(([key]) => key.startsWith(XATTR_PREFIX) && key !== XATTR_PREFIX);
  if (found.length === 0) return {};
  const named = found.map(([key, value]) =>
    [key.slice(XATTR_PREFIX.length), encodeLatin(value)] as const
  );
  return { xattrs: new Map(named) };
}

function paxNumber(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const pattern = key === "mtime" ? /^-?[0-9]+(\.[0-9]*)?$/ : /^0*[0-9]{1,15}$/;
  if (pattern.test(text)) return Number(text);
  throw new ArchiveError(
    `Cannot read the tar archive as pax ${key} must be a number: ${JSON.stringify(text)}`,
  );
}

function cutShort(raw: RawHeader, bytes: ByteReader): ArchiveError {
  return new ArchiveError(
    `Cannot read ${JSON.stringify(raw.name)} as an extended header must be whole: ` +
      `the tar archive is cut short after ${bytes.position} bytes`,
  );
}
