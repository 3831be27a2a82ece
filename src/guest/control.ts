// The guest's end of the control port.

import { Buffer } from "node:buffer";
import type { Fd } from "../libc/fd.ts";
import { readNow, writeNow } from "../libc/fd_streams.ts";
import { POLLIN, POLLOUT } from "../libc/reactor.ts";
import {
  encodeFrame,
  FrameDecoder,
  type GuestMessage,
  type HostMessage,
  MAX_HOST_FRAME,
} from "../machine/protocol.ts";
import type { Loop } from "./loop.ts";

const READ_BYTES = 64 << 10;

/** Receives the messages of the host. */
export interface ControlListener {
  /** Called with each message; its fields are not checked, as the host is trusted. */
  readonly onMessage: (message: HostMessage) => void;
  readonly onHangup: () => void;
}

/** Talks to the host without blocking: what cannot be sent yet is queued. */
export class Control {
  readonly #port: Fd;
  readonly #decoder = new FrameDecoder(MAX_HOST_FRAME);
  readonly #buffer = new Uint8Array(READ_BYTES);
  #unsent: Uint8Array<ArrayBuffer>[] = [];
  #listener: ControlListener | undefined;
  #loop: Loop | undefined;
  #blocked: Disposable | undefined;

  constructor(port: Fd) {
    this.#port = port;
    port.setNonblocking();
  }

  /** Starts to receive. */
  listen(loop: Loop, listener: ControlListener): void {
    this.#loop = loop;
    this.#listener = listener;
    loop.watch(this.#port, POLLIN, () => this.#receive());
  }

  /** Queues a message for the next {@linkcode flush}. */
  send(message: GuestMessage): void {
    this.#unsent.push(encodeFrame(message));
  }

  /** Sends all queued messages in one write. */
  flush(): void {
    if (this.#unsent.length === 0 || this.#blocked !== undefined) return;
    const frames = this.#unsent.length === 1 ? this.#unsent[0]! : Buffer.concat(this.#unsent);
    this.#unsent = [];
    const count = writeNow(this.#port, frames) ?? frames.length; // the host is gone
    if (count === frames.length) return;
    this.#unsent.push(frames.slice(count));
    this.#blocked = this.#loop!.watch(this.#port, POLLOUT, () => {
      this.#blocked![Symbol.dispose]();
      this.#blocked = undefined;
    });
  }

  #receive(): void {
    const count = readNow(this.#port, this.#buffer);
    if (count === 0) return this.#listener!.onHangup();
    if (count < 0) return;
    const messages = this.#decoder.push(this.#buffer.subarray(0, count));
    for (const message of messages as unknown as HostMessage[]) this.#listener!.onMessage(message);
  }
}
