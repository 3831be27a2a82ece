/** The type of a transform of bytes. */

/** The two ends of a transform, as `pipeThrough` takes them. */
export interface BytePair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}
