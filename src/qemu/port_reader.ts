// Reading from a port in turns: what somebody has waited for in vain goes to who waits next.

const CHUNK_BYTES = 1 << 20;

/** Chunks as they come. */
export class PortReader {
  readonly #conn: Deno.UnixConn;
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  #next: Promise<Uint8Array | undefined> | undefined;

  /** @param conn stays the caller's */
  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  /** The next chunk, until {@linkcode taken} says that it has been taken; `undefined` at the hang-up. */
  get next(): Promise<Uint8Array | undefined> {
    this.#next ??= this.#read();
    return this.#next;
  }

  /** The next chunk is now another one. */
  taken(): void {
    this.#next = undefined;
  }

  async #read(): Promise<Uint8Array | undefined> {
    const count = await this.#conn.read(this.#buffer).catch(() => null);
    return count === null ? undefined : this.#buffer.slice(0, count);
  }
}
