// A transport for the SDK's client over the stdio of a child process that leaves nothing behind
// once closed.

import type { Transport } from "npm:@modelcontextprotocol/sdk@1.32.2/shared/transport.js";
import { Buffer } from "node:buffer";
import { ReadBuffer, serializeMessage } from "npm:@modelcontextprotocol/sdk@1.32.2/shared/stdio.js";

type Message = Parameters<Transport["send"]>[0];

/**
 * Replaces the SDK's own transport, which leaves a timer. Closing it closes the child's stdin and
 * waits for it.
 */
export class ChildTransport implements Transport {
  onmessage?: (message: Message) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #buffer = new ReadBuffer();
  #read: Promise<void> = Promise.resolve();

  /** @param child must have its stdin and stdout piped */
  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
  }

  start(): Promise<void> {
    this.#read = this.#readAll();
    return Promise.resolve();
  }

  async send(message: Message): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(serializeMessage(message)));
  }

  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
    await this.#read;
  }

  async #readAll(): Promise<void> {
    for await (const chunk of this.#child.stdout) {
      this.#buffer.append(Buffer.from(chunk));
      for (
        let next = this.#buffer.readMessage();
        next !== null;
        next = this.#buffer.readMessage()
      ) {
        this.onmessage?.(next);
      }
    }
    this.onclose?.();
  }
}
