// Copying between the ports and the pipes of the command.

import type { Fd } from "../libc/fd.ts";
import { readableUntil, readChunk, writeChunk } from "../libc/fd_streams.ts";
import { waitFor } from "../libc/reactor.ts";

const CHUNK_BYTES = 256 << 10;

/** Copies stdin from its port, until the host has said how many bytes it is and they are here. */
export class StdinRelay {
  readonly #pipe: Fd;
  #received = 0;
  #total = Infinity;

  /** @param pipe takes the bytes; it is closed at their end */
  constructor(pipe: Fd) {
    this.#pipe = pipe;
    pipe.setNonblocking();
  }

  /** The host has sent `total` bytes in all. */
  end(total: number): void {
    this.#total = total;
    if (this.#received >= total) this.#pipe.close();
  }

  /** Copies until the end, or until nobody reads any more: then it gives `false`. */
  async copyFrom(port: Fd): Promise<boolean> {
    const copying = this.#copy(port);
    using readersGone = waitFor(this.#pipe, 0);
    await Promise.race([copying, readersGone.ready]);
    const whole = this.#received >= this.#total;
    this.#pipe.close();
    return whole;
  }

  async #copy(port: Fd): Promise<void> {
    while (this.#received < this.#total) {
      const chunk = await readChunk(port, CHUNK_BYTES);
      if (chunk === undefined || !this.#pipe.isOpen) return;
      // Counted once it is in the pipe, as the end closes that.
      if (!await writeChunk(this.#pipe, chunk)) return;
      this.#received += chunk.length;
    }
  }
}

/** Copies what comes out of a pipe to a port, until `ended` and it is empty; how many bytes. */
export async function relayOutput(pipe: Fd, port: Fd, ended: Promise<void>): Promise<number> {
  let bytes = 0;
  for await (const chunk of readableUntil(pipe, ended, CHUNK_BYTES)) {
    await writeChunk(port, chunk);
    bytes += chunk.length;
  }
  return bytes;
}
