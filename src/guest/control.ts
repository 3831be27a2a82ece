// The control port as seen from the guest.

import type { Fd } from "../libc/fd.ts";
import { readChunk, writeChunk } from "../libc/fd_streams.ts";
import {
  encodeFrame,
  FrameDecoder,
  type GuestMessage,
  type HostMessage,
  MAX_HOST_FRAME,
} from "../vm/protocol.ts";

const READ_BYTES = 64 << 10;

/** Talks to the host. Frames are written one after the other, whoever sends them. */
export class Control {
  readonly #port: Fd;
  #sent: Promise<unknown> = Promise.resolve();

  constructor(port: Fd) {
    this.#port = port;
  }

  /** Sends a message; resolves when it is on its way. */
  send(message: GuestMessage): Promise<unknown> {
    this.#sent = this.#sent.then(() => writeChunk(this.#port, encodeFrame(message)));
    return this.#sent;
  }

  /** What the host says, until it hangs up. The host is trusted, so that no field is checked. */
  async *messages(): AsyncGenerator<HostMessage> {
    const decoder = new FrameDecoder(MAX_HOST_FRAME);
    for (let chunk; (chunk = await readChunk(this.#port, READ_BYTES)) !== undefined;) {
      yield* decoder.push(chunk) as unknown as HostMessage[];
    }
  }
}
