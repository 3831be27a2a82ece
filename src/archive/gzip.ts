/**
 * Compresses and decompresses gzip (RFC 1952) with `node:zlib`.
 *
 * Not with `DecompressionStream`, which by its specification fails on a second member or on
 * padding.
 */
import { pipeline, Readable, type Transform } from "node:stream";
import { createGzip } from "node:zlib";
import type { BytePair } from "./byte_pair.ts";
import { ByteReader } from "./byte_reader.ts";
import { GzipMembers } from "./gzip_members.ts";
import { pullStream } from "./pull_stream.ts";

// A quarter faster than the default of 16 KiB; larger ones are no faster.
const CHUNK_BYTES = 64 * 1024;

/**
 * Compresses bytes into one gzip member, at zlib's default level.
 *
 * The output depends only on the bytes, not on how they are split into chunks; the header has no
 * time and no name. Output chunks have up to 64 KiB; boundaries mean nothing; nothing is flushed
 * before the end. Writes wait until the output is read, apart from some 64 KiB at each stage.
 *
 * @example
 * ```ts
 * import { gzipStream } from "./gzip.ts";
 * const gz = await new Response(new Blob(["text"]).stream().pipeThrough(gzipStream())).bytes();
 * ```
 */
export function gzipStream(): BytePair {
  // The matches that zlib finds depend on the size of its input chunks, so that is always the same.
  return zlibPair(
    createGzip({ chunkSize: CHUNK_BYTES }),
    (bytes) => bytes.readExactly(CHUNK_BYTES),
  );
}

/**
 * Decompresses gzip of one or more members into their concatenated content.
 *
 * Zero padding after a member, as on tapes, is skipped; only another member may follow it. (Python
 * does the same; gzip stops there with a warning, busybox and bsdcat stop there silently.) Output
 * chunks have up to 64 KiB; boundaries mean nothing. Writes wait until the output is read, apart
 * from some 64 KiB at each stage.
 *
 * @throws {ArchiveError} from both ends if the input is not gzip, is cut short or has a wrong
 * checksum
 */
export function gunzipStream(): BytePair {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const members = new GzipMembers(new ByteReader(readable));
  return {
    readable: pullStream(members.chunks(), (reason) => members.cancel(reason)),
    writable,
  };
}

type Take = (bytes: ByteReader) => Promise<Uint8Array | undefined>;

function zlibPair(engine: Transform, take: Take): BytePair {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const bytes = new ByteReader(readable);
  const input = Readable.from(inputChunks(bytes, take), { objectMode: false });
  // The reader of the engine gets its errors.
  pipeline(input, engine, () => {});
  return {
    readable: pullStream(outputChunks(engine), async (reason) => {
      await bytes.cancel(reason);
      engine.destroy();
    }),
    writable,
  };
}

async function* inputChunks(bytes: ByteReader, take: Take): AsyncGenerator<Uint8Array> {
  for (let chunk = await take(bytes); chunk?.length; chunk = await take(bytes)) yield chunk;
}

async function* outputChunks(engine: Transform): AsyncGenerator<Uint8Array> {
  // Copied, as a chunk is a view of a buffer whose rest zlib continues to fill.
  for await (const chunk of engine) yield new Uint8Array(chunk);
}
