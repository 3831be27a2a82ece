// Reads chunks from a port such that a reader that stops waiting leaves its chunk to the next
// reader.

const CHUNK_BYTES = 1 << 20;

/** Reads a port chunk by chunk. */
export class PortReader {
  readonly #conn: Deno.UnixConn;
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  #next: Promise<Uint8Array | undefined> | undefined;

  /** @param conn stays the caller's */
  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  /**
   * The current chunk, the same one until {@linkcode taken} is called; `undefined` at the hang-up.
   */
  get next(): Promise<Uint8Array | undefined> {
    this.#next ??= this.#read();
    return this.#next;
  }

  /** Marks the current chunk as consumed. */
  taken(): void {
    this.#next = undefined;
  }

  async #read(): Promise<Uint8Array | undefined> {
    const count = await this.#conn.read(this.#buffer).catch(() => null);
    return count === null ? undefined : this.#buffer.slice(0, count);
  }
}
