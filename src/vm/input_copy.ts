// Copies the input of a command to its port.

import { writeAll } from "../qemu/port_sockets.ts";

/** Copies a stream, from its construction until it is disposed. */
export class InputCopy implements Disposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /**
   * Resolves to the number of bytes once all are sent; never, if copying fails or is stopped
   * before.
   */
  readonly whole: Promise<number>;

  /** @param conn stays the caller's */
  constructor(stream: ReadableStream<Uint8Array>, conn: Deno.UnixConn) {
    this.#reader = stream.getReader();
    // The source may fail, or the machine may have ended; both are reported elsewhere.
    this.whole = this.#copy(conn).catch(() => new Promise<never>(() => {}));
  }

  /** Stops reading, as the command does not read any more. */
  stop(): void {
    void this.#reader.cancel().catch(() => {});
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  async #copy(conn: Deno.UnixConn): Promise<number> {
    let bytes = 0;
    while (true) {
      const { done, value } = await this.#reader.read();
      if (done) return bytes;
      await writeAll(conn, value);
      bytes += value.length;
    }
  }
}
