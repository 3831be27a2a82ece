// The host's end of the control port: sends messages, and receives and checks those of the guest.

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

/** Exchanges messages with a guest, which is untrusted. */
export class GuestLink {
  readonly #conn: Deno.UnixConn;
  #sent: Promise<void> = Promise.resolve();

  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  /**
   * Sends a message, in order with the earlier ones; resolves once it is sent. Never rejects: that
   * the guest is gone is noticed elsewhere.
   */
  send(message: HostMessage): Promise<void> {
    const frame = encodeFrame(message);
    return this.#sent = this.#sent.then(() => writeAll(this.#conn, frame)).then(() => {}, () => {});
  }

  /**
   * The messages of the guest, until it hangs up.
   *
   * @throws {ProtocolError} if one is not a valid message.
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
