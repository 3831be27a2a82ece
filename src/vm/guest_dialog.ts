// The host's side of the dialog with a guest, in the order that the protocol requires.

import { MachineGone } from "../machine/machine_error.ts";
import {
  type Attached,
  type GuestMessage,
  type HostMessage,
  PROTOCOL_VERSION,
  ProtocolError,
} from "../machine/protocol.ts";
import { GuestLink } from "./guest_link.ts";

/** A file to write in a guest. */
export interface GuestFile {
  /** Absolute, in the root of the command. */
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** How to write a file. */
export interface PutOptions {
  /** What is attached, if the guest has not been told yet. */
  readonly attached?: Attached | undefined;
  /** The owner, in the form of a run's user. */
  readonly user?: string | undefined;
}

/** Bytes of a file per message. */
const PART_BYTES = 1 << 20;

/** Talks to a guest. Its messages are checked, but their contents are untrusted. */
export class GuestDialog {
  readonly #link: GuestLink;
  readonly #messages: AsyncGenerator<GuestMessage>;

  /** @param control the control port, which it does not close */
  constructor(control: Deno.UnixConn) {
    this.#link = new GuestLink(control);
    this.#messages = this.#link.messages();
  }

  /** Sends a message, in order with the earlier ones. */
  send(message: HostMessage): void {
    this.#link.send(message);
  }

  /**
   * The guest's next message.
   *
   * @throws {MachineGone} if it has hung up.
   * @throws {ProtocolError} if it is not a valid message.
   */
  async next(): Promise<GuestMessage> {
    const { value } = await this.#messages.next();
    if (value === undefined) throw new MachineGone("the machine ended");
    return value;
  }

  /**
   * Waits for an answer of this type.
   *
   * @throws {Error} if the guest reports a failure, or sends another message.
   */
  async expect(type: GuestMessage["type"]): Promise<void> {
    const message = await this.next();
    if (message.type === "failed") throw new Error(message.message);
    if (message.type !== type) {
      throw new ProtocolError(`the guest sent ${message.type} in place of ${type}`);
    }
  }

  /**
   * Waits for the guest's hello.
   *
   * @throws {MachineGone | ProtocolError} if something else happens.
   */
  async greet(): Promise<void> {
    const { value } = await this.#messages.next();
    if (value === undefined) throw new MachineGone("it ended before it was ready");
    if (value.type !== "hello") throw new ProtocolError(`its first message is ${value.type}`);
    if (value.version !== PROTOCOL_VERSION) {
      throw new ProtocolError(
        `it speaks version ${value.version} of the protocol, not ${PROTOCOL_VERSION}`,
      );
    }
  }

  /** Sends a file to be written, in parts. */
  put({ path, mode, content }: GuestFile, { attached, user }: PutOptions): void {
    for (let offset = 0; offset === 0 || offset < content.length; offset += PART_BYTES) {
      this.#link.send({
        type: "put",
        path,
        mode,
        content: content.subarray(offset, offset + PART_BYTES).toBase64(),
        isFirst: offset === 0,
        clockMs: Date.now(),
        ...(user !== undefined && { user }),
        ...(offset === 0 && attached !== undefined && { attached }),
      });
    }
  }
}
