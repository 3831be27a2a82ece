// Decompresses a stream; the format is detected from its first bytes, not from a name.

import { ByteReader } from "../archive/byte_reader.ts";
import { gunzipStream } from "../archive/gzip.ts";
import { pullStream } from "../archive/pull_stream.ts";
import { CHUNK_BYTES } from "../archive/chunk_builder.ts";
import { type Program, programOutput } from "./program.ts";

/** A compression format. */
export type Compression = "none" | "gzip" | "zstd" | "xz";

/** Magic numbers: RFC 1952, RFC 8878 (a frame, and a skippable one), the .xz file format. */
const MAGICS: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["zstd", [0x50, 0x2a, 0x4d, 0x18]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** Bytes needed to detect the format. */
export const MAGIC_BYTES = 6;

/**
 * Programs for formats that the runtime lacks. node:zlib has zstd (Deno 2.9.6), but stops after the
 * first frame and accepts truncated data.
 */
const PROGRAMS: Readonly<Record<"zstd" | "xz", Program>> = {
  zstd: { argv: ["zstd", "-dcq"], install: "apt-get install zstd" },
  xz: { argv: ["xz", "-dcq"], install: "apt-get install xz-utils" },
};

/** Detects the compression from the first bytes. */
export function compressionOf(start: Uint8Array): Compression {
  const found = MAGICS.find(([, magic]) => magic.every((byte, index) => start[index] === byte));
  return found?.[0] ?? "none";
}

/**
 * Decompresses `source`, or passes it through if it is not compressed. Chunks are of any size;
 * cancelling cancels `source`, which is owned here.
 *
 * @throws {Error} from the stream if the data is damaged or truncated, or a program that it needs
 * is missing.
 */
export function decompressed(source: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const bytes = new ByteReader(source);
  return pullStream(plainChunks(bytes), (reason) => bytes.cancel(reason));
}

async function* plainChunks(bytes: ByteReader): AsyncGenerator<Uint8Array> {
  const start = await bytes.readExactly(MAGIC_BYTES);
  const compression = compressionOf(start);
  const all = pullStream(chunksOf(start, bytes), (reason) => bytes.cancel(reason));
  if (compression === "none") yield* all;
  else if (compression === "gzip") yield* all.pipeThrough(gunzipStream());
  else yield* programOutput(PROGRAMS[compression], { input: all });
}

async function* chunksOf(start: Uint8Array, bytes: ByteReader): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start;
  for (let chunk = await bytes.read(CHUNK_BYTES); chunk !== undefined;) {
    yield chunk;
    chunk = await bytes.read(CHUNK_BYTES);
  }
}
