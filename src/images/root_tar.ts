// The tar of a root written anew: nothing in it but what has been checked, and noted for the manifest.

import { createHash, type Hash } from "node:crypto";
import type { DataPiece, TarEntry } from "../archive/read_tar.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import { TarWriter } from "../archive/tar_writer.ts";
import type { RootEntries } from "./root_entries.ts";
import { forSquashfs } from "./squashfs_limits.ts";

/** Holes are filled with as many zeros at a time. */
const ZEROS = new Uint8Array(64 * 1024);

const SHA256_OF_NOTHING = createHash("sha256").digest("hex");

/**
 * The entries of a root as a tar again, as a squashfs can hold them, without the one of the root itself,
 * which sqfstar does not take.
 *
 * @param root notes what passes @param report is called after each entry
 * @throws {ArchiveError} if there is what cannot be in a root.
 */
export async function* rootTar(
  entries: AsyncGenerator<TarEntry>,
  root: RootEntries,
  report: () => void,
): AsyncGenerator<Uint8Array> {
  const writer = new TarWriter();
  for await (const entry of entries) {
    for (const header of root.add(entry.header).map(forSquashfs)) {
      if (header.type === "file") yield* fileChunks(writer, header, entry, root);
      else yield* writer.entry(header);
    }
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
  if (header.size === 0) {
    yield* writer.entry(header);
    return root.finish(SHA256_OF_NOTHING);
  }
  const hash = createHash("sha256");
  yield* writer.entry(header, hashed(entry, hash));
  root.finish(hash.digest("hex"));
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
