// Helpers for tests of images: handmade layers, and checks with real tools.

import assert from "node:assert/strict";
import { collect, concat, rawTar, rechunk, tool } from "../archive/fixture.ts";
import { ByteReader } from "../../src/archive/byte_reader.ts";
import { encodePax, XATTR_PREFIX } from "../../src/archive/pax_records.ts";
import { readTar } from "../../src/archive/read_tar.ts";
import type { Layer } from "../../src/images/merge_layers.ts";
import { tempDir } from "../support/temp_dir.ts";

type RawEntries = Parameters<typeof rawTar>;

/** A layer with exactly these entries. */
export function layerOf(...entries: RawEntries): Layer {
  return tarLayer(rawTar(...entries));
}

/** A layer of these bytes. */
export function tarLayer(bytes: Uint8Array<ArrayBuffer> | Uint8Array, name = "the layer"): Layer {
  return { name, open: () => Promise.resolve(streamOf(bytes)) };
}

/** The extended header of the next entry; values of xattrs have a character for each byte. */
export function pax(...records: [string, string][]): RawEntries[number] {
  const fields = records.map(([key, value]): [string, string | Uint8Array] => [
    key,
    key.startsWith(XATTR_PREFIX) ? Uint8Array.from(value, (at) => at.charCodeAt(0)) : value,
  ]);
  return { name: "pax", type: "x", data: encodePax(fields) };
}

/** Bytes as a stream. */
export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Blob([bytes.slice()]).stream();
}

/** The entries of a tar, in its order, a line each. */
export async function listTar(tar: ReadableStream<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  const bytes = new ByteReader(tar);
  for await (const { header, data } of readTar(bytes)) {
    const { type, name, mode, uid, gid, linkName, major, minor } = header;
    const parts: Uint8Array[] = [];
    for await (const piece of data()) parts.push(piece.bytes);
    const content = new TextDecoder().decode(concat(...parts));
    const what = type === "file"
      ? content
      : linkName !== ""
      ? `-> ${linkName}`
      : `${major}:${minor}`;
    const about = `${type} ${mode.toString(8)} ${uid}:${gid}`;
    lines.push([name, about, ...(type === "directory" ? [] : [what])].join(" | "));
  }
  return lines;
}

/** The names of the entries. */
export async function namesIn(tar: ReadableStream<Uint8Array>): Promise<string[]> {
  return (await listTar(tar)).map((line) => line.split(" | ")[0]!);
}

/** Asserts that GNU tar accepts it and lists the same names. */
export async function assertGnuTarReads(tar: ReadableStream<Uint8Array>): Promise<void> {
  const [left, right] = tar.tee();
  const [bytes, names] = await Promise.all([collect(left), namesIn(right)]);
  const listed = new TextDecoder().decode(await tool(["tar", "-tf", "-"], bytes));
  assert.deepEqual(listed.trimEnd().split("\n"), names);
}

export { collect, concat, rawTar, rechunk, tempDir, tool };
