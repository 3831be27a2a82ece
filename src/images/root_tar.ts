// The tar of a root written anew: nothing in it but what has been checked, and noted for the manifest.

import { createHash, type Hash } from "node:crypto";
import { ArchiveError } from "../archive/archive_error.ts";
import type { DataPiece, TarEntry } from "../archive/read_tar.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import { TarWriter } from "../archive/tar_writer.ts";
import { IMPLIED_FOLDER } from "./layer_tree.ts";
import type { RootEntries } from "./root_entries.ts";

/** A root whose first entry has been read. */
export interface RootTar {
  /** Of the root itself, which has no entry among the chunks. */
  readonly header: TarHeader;
  /** The rest as a tar. */
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/** Holes are filled with as many zeros at a time. */
const ZEROS = new Uint8Array(64 * 1024);

/**
 * Reads the first entry, which tells of the root if it is there at all; for the rest, see `chunks`.
 *
 * @param root notes what passes @param report is called after each entry
 * @throws {ArchiveError} here and from `chunks` if there is what cannot be in a root.
 */
export async function openRootTar(
  entries: AsyncGenerator<TarEntry>,
  root: RootEntries,
  report: () => void,
): Promise<RootTar> {
  const first = (await entries.next()).value;
  const header = first !== undefined && isRoot(first.header) ? first.header : IMPLIED_FOLDER;
  return { header, chunks: checkedChunks(withFirst(first, entries), { root, header, report }) };
}

async function* withFirst(
  first: TarEntry | undefined,
  rest: AsyncGenerator<TarEntry>,
): AsyncGenerator<TarEntry> {
  if (first !== undefined) yield first;
  yield* rest;
}

async function* checkedChunks(
  entries: AsyncGenerator<TarEntry>,
  { root, header, report }: { root: RootEntries; header: TarHeader; report: () => void },
): AsyncGenerator<Uint8Array> {
  const writer = new TarWriter();
  for await (const entry of entries) {
    const headers = root.add(entry.header);
    for (const each of headers.slice(0, -1)) yield* writer.entry(each);
    const own = headers.at(-1)!;
    if (isRoot(entry.header)) requireSame(entry.header, header);
    else if (own.type === "file") yield* fileChunks(writer, own, entry, root);
    else yield* writer.entry(own);
    report();
  }
  yield* writer.end();
}

async function* fileChunks(
  writer: TarWriter,
  header: TarHeader,
  entry: TarEntry,
  root: RootEntries,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  yield* writer.entry(header, hashed(entry, hash));
  root.finish(header, hash.digest("hex"));
}

/** All of a file, holes filled, while it is hashed. */
async function* hashed({ header, data }: TarEntry, hash: Hash): AsyncGenerator<DataPiece> {
  let position = 0;
  const pass = (bytes: Uint8Array): DataPiece => {
    hash.update(bytes);
    position += bytes.length;
    return { offset: position - bytes.length, bytes };
  };
  for await (const { offset, bytes } of data()) {
    while (position < offset) yield pass(ZEROS.subarray(0, offset - position));
    yield pass(bytes);
  }
  while (position < header.size) yield pass(ZEROS.subarray(0, header.size - position));
}

/** Whether an entry is the root itself. */
function isRoot({ name }: TarHeader): boolean {
  return /^[./]*$/.test(name) && !name.includes("..");
}

/** One that comes late, as mmdebstrap has it, cannot change what has been said of the root. */
function requireSame(late: TarHeader, early: TarHeader): void {
  const { mode, uid, gid } = late;
  if (mode === early.mode && uid === early.uid && gid === early.gid) return;
  throw new ArchiveError(
    `Cannot take in the root as its entry must come first unless it is ${IMPLIED} of 0:0: ` +
      `it is ${mode.toString(8)} of ${uid}:${gid}`,
  );
}

const IMPLIED = IMPLIED_FOLDER.mode.toString(8);
