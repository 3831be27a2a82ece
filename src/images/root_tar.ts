// Rewrites the tar of a root: each entry is checked and recorded for the manifest.

import { createHash, type Hash } from "node:crypto";
import type { DataPiece, TarEntry } from "../archive/read_tar.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import { TarWriter } from "../archive/tar_writer.ts";
import type { RootEntries } from "./root_entries.ts";
import { forSquashfs } from "./squashfs_limits.ts";

/** Zeros to fill holes with. */
const ZEROS = new Uint8Array(64 * 1024);

const SHA256_OF_NOTHING = createHash("sha256").digest("hex");

/**
 * Writes the entries of a root as a tar, within the limits of a squashfs and without the entry of
 * the root itself, which sqfstar does not accept.
 *
 * @param root checks and records each entry
 * @param report called after each entry
 * @throws {ArchiveError} if an entry cannot be in a root.
 */
export async function* rootTar(
  entries: AsyncGenerator<TarEntry>,
  root: RootEntries,
  report: () => void,
): AsyncGenerator<Uint8Array> {
  const writer = new TarWriter();
  for await (const entry of entries) {
    for (const header of root.add(entry.header).map(forSquashfs)) {
      if (header.type === "file" && header.size > 0) {
        yield* fileChunks(writer, header, entry, root);
        continue;
      }
      yield* writer.entry(header);
      if (header.type === "file") root.finish(SHA256_OF_NOTHING);
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
  const hash = createHash("sha256");
  yield* writer.entry(header, hashed(entry, hash));
  root.finish(hash.digest("hex"));
}

/** The content of a file, with holes filled, while it is hashed. */
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
