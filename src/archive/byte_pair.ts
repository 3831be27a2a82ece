/** The shape of a transform: what goes in at one end, changed, comes out at the other. */

/** The two ends, as `pipeThrough` takes them. */
export interface BytePair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}
