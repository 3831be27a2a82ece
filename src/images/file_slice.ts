// Reads a part of a file as a stream.

import { CHUNK_BYTES } from "../archive/chunk_builder.ts";
import { pullStream } from "../archive/pull_stream.ts";

/** A range of bytes in a file. */
export interface Slice {
  readonly offset: number;
  readonly size: number;
}

/**
 * Reads a range of a file; less only if the file is shorter. The file is opened by the first read.
 */
export function readSlice(path: string, slice: Slice): ReadableStream<Uint8Array> {
  return pullStream(sliceChunks(path, slice));
}

async function* sliceChunks(path: string, { offset, size }: Slice): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  for (let left = size; left > 0;) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, left));
    const count = await file.read(chunk);
    if (count === null) return;
    left -= count;
    yield chunk.subarray(0, count);
  }
}
