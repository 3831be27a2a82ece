/**
 * Compresses and decompresses gzip (RFC 1952) with `node:zlib`.
 *
 * Not with `DecompressionStream`, which by its standard fails on a second member or on padding.
 */
import { pipeline, Readable, type Transform } from "node:stream";
import { createGzip } from "node:zlib";
import type { BytePair } from "./byte_pair.ts";
import { ByteReader } from "./byte_reader.ts";
import { GzipMembers } from "./gzip_members.ts";
import { pullStream } from "./pull_stream.ts";

// A quarter faster than the default of 16 KiB; more gains nothing.
const CHUNK_BYTES = 64 * 1024;

/**
 * Takes bytes at `writable` and gives one gzip member at `readable`, at zlib's default level.
 *
 * The same bytes give the same output however they are cut into chunks: the header has no time and no
 * name. Chunks of up to 64 KiB; boundaries mean nothing; nothing is flushed before the end. What is
 * written waits until it is read, apart from some 64 KiB at each stage.
 *
 * @example
 * ```ts
 * import { gzipStream } from "./gzip.ts";
 * const gz = await new Response(new Blob(["text"]).stream().pipeThrough(gzipStream())).bytes();
 * ```
 */
export function gzipStream(): BytePair {
  // What zlib finds to repeat depends on how much it is given at a time, so give it always the same.
  return zlibPair(
    createGzip({ chunkSize: CHUNK_BYTES }),
    (bytes) => bytes.readExactly(CHUNK_BYTES),
  );
}

/**
 * Takes gzip at `writable`, of one or more members, and gives their joined content at `readable`.
 *
 * Zero padding behind a member is dropped, as on tapes; what follows it must be a member again. (Python
 * does so too; gzip ends there with a warning, busybox and bsdcat end there and say nothing.) Chunks of
 * up to 64 KiB; boundaries mean nothing. What is written waits until it is read, apart from some 64 KiB
 * at each stage.
 *
 * @throws {ArchiveError} from both ends if the input is not gzip, is cut short or has a wrong checksum
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
  // Its failures arrive at whoever reads the engine.
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
  // Copied, as zlib goes on filling the rest of the buffer that a chunk is a view of.
  for await (const chunk of engine) yield new Uint8Array(chunk);
}
