// What host and guest say to each other, in the order in which that has to be.

import { MachineGone } from "../machine/machine_error.ts";
import {
  type Attached,
  type GuestMessage,
  type HostMessage,
  PROTOCOL_VERSION,
  ProtocolError,
} from "../machine/protocol.ts";
import { GuestLink } from "./guest_link.ts";

/** A file that a guest is to have. */
export interface GuestFile {
  /** Absolute, in the root of the command. */
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** How a file is to be written. */
export interface PutOptions {
  /** What the guest is first to be told that it has. */
  readonly attached?: Attached | undefined;
  /** Whose it is, as for a run. */
  readonly user?: string | undefined;
}

/** Bytes of a file that go into one message. */
const PART_BYTES = 1 << 20;

/** The host's part of it. What the guest says is checked, and untrusted. */
export class GuestDialog {
  readonly #link: GuestLink;
  readonly #messages: AsyncGenerator<GuestMessage>;

  /** @param control the control port, which it does not close */
  constructor(control: Deno.UnixConn) {
    this.#link = new GuestLink(control);
    this.#messages = this.#link.messages();
  }

  /** Sends a message after those before it. */
  send(message: HostMessage): void {
    this.#link.send(message);
  }

  /** What the guest says next. @throws {MachineGone} if it has hung up. @throws {ProtocolError} */
  async next(): Promise<GuestMessage> {
    const { value } = await this.#messages.next();
    if (value === undefined) throw new MachineGone("the machine ended");
    return value;
  }

  /** Waits for an answer. @throws {Error} if the guest says that it failed, or something else. */
  async expect(type: GuestMessage["type"]): Promise<void> {
    const message = await this.next();
    if (message.type === "failed") throw new Error(message.message);
    if (message.type !== type) throw new ProtocolError(`the guest said ${message.type}`);
  }

  /** Waits for the guest to be ready. @throws {MachineGone | ProtocolError} if it never is. */
  async greet(): Promise<void> {
    const { value } = await this.#messages.next();
    if (value === undefined) throw new MachineGone("it ended before it was ready");
    if (value.type !== "hello") throw new ProtocolError(`it began with ${value.type}`);
    if (value.version !== PROTOCOL_VERSION) {
      throw new ProtocolError(
        `it speaks version ${value.version} of the protocol, not ${PROTOCOL_VERSION}`,
      );
    }
  }

  /** Has a file written. */
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
