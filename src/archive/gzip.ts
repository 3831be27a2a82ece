/**
 * Compresses and decompresses gzip (RFC 1952) with `node:zlib`.
 *
 * Not with `DecompressionStream`, which by its standard fails on a second member or on padding.
 */
import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { ArchiveError } from "./archive_error.ts";
import type { BytePair } from "./byte_pair.ts";
import { ByteReader } from "./byte_reader.ts";
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
 * Zero padding behind the last member is dropped. Chunks of up to 64 KiB; boundaries mean nothing.
 * What is written waits until it is read, apart from some 64 KiB at each stage.
 *
 * @throws {ArchiveError} from both ends if the input is not gzip, is cut short or has a wrong checksum
 */
export function gunzipStream(): BytePair {
  return zlibPair(createGunzip({ chunkSize: CHUNK_BYTES }), (bytes) => bytes.read(CHUNK_BYTES));
}

type Take = (bytes: ByteReader) => Promise<Uint8Array | undefined>;

function zlibPair(engine: Transform, take: Take): BytePair {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const bytes = new ByteReader(readable);
  const input = Readable.from(inputChunks(bytes, take), { objectMode: false });
  // Its failures arrive at whoever reads the engine.
  pipeline(input, engine, () => {});
  return {
    readable: pullStream(outputChunks(engine, bytes), async (reason) => {
      await bytes.cancel(reason);
      engine.destroy();
    }),
    writable,
  };
}

async function* inputChunks(bytes: ByteReader, take: Take): AsyncGenerator<Uint8Array> {
  for (let chunk = await take(bytes); chunk?.length; chunk = await take(bytes)) yield chunk;
}

async function* outputChunks(engine: Transform, bytes: ByteReader): AsyncGenerator<Uint8Array> {
  try {
    // Copied, as zlib goes on filling the rest of the buffer that a chunk is a view of.
    for await (const chunk of engine) yield new Uint8Array(chunk);
    // Padding that zlib did not ask for: the writer is to get to its end.
    await bytes.drain();
  } catch (cause) {
    const error = gzipError(cause);
    await bytes.cancel(error);
    throw error;
  }
}

function gzipError(cause: unknown): unknown {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (!code.startsWith("Z_")) return cause;
  const fact = (cause as Error).message;
  return new ArchiveError(
    code === "Z_BUF_ERROR"
      ? `Cannot gunzip as the data must be whole: ${fact}`
      : `Cannot gunzip as the data must be in gzip form: ${fact}`,
    { cause },
  );
}
