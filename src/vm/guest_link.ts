// The host's side of the control port: messages to the guest, and what it says, checked.

import {
  encodeFrame,
  FrameDecoder,
  type GuestMessage,
  type HostMessage,
  MAX_GUEST_FRAME,
} from "../machine/protocol.ts";
import { writeAll } from "../qemu/port_sockets.ts";
import { checkGuestMessage } from "./guest_message.ts";

const READ_BYTES = 16 << 10;

/** Talks to a guest. Everything that the guest says is untrusted. */
export class GuestLink {
  readonly #conn: Deno.UnixConn;
  #sent: Promise<void> = Promise.resolve();

  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  /** Sends a message after those before it; resolves once it is sent. A guest that is gone is noticed by its end, not here. */
  send(message: HostMessage): Promise<void> {
    const frame = encodeFrame(message);
    return this.#sent = this.#sent.then(() => writeAll(this.#conn, frame)).then(() => {}, () => {});
  }

  /**
   * What the guest says, until it hangs up.
   *
   * @throws {ProtocolError} if it says what no guest should.
   */
  async *messages(): AsyncGenerator<GuestMessage> {
    const decoder = new FrameDecoder(MAX_GUEST_FRAME);
    const buffer = new Uint8Array(READ_BYTES);
    while (true) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) return;
      for (const message of decoder.push(buffer.subarray(0, count))) {
        yield checkGuestMessage(message);
      }
    }
  }
}
