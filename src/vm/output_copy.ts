// Copies an output of a guest from its port, up to the length that the guest announces.

import { MachineGone } from "../machine/machine_error.ts";
import { ProtocolError } from "../machine/protocol.ts";
import type { PortReader } from "../qemu/port_reader.ts";

/**
 * Bytes that a guest has sent are already in QEMU and arrive at once; after this time they were not
 * sent.
 */
const STALL_MS = 10_000;

/** How long the other ports may take to deliver their bytes and hang up, after one has hung up. */
const HANG_UP_MS = 1000;

/** The destination of a guest's output. */
export interface Output {
  /** Writes a chunk; resolves to `false` if there is no reader any more. */
  write(chunk: Uint8Array): Promise<boolean>;
  /** Resolves if the reader goes away. */
  readonly gone: Promise<void>;
}

/** Copies one stream, from its construction until it is disposed, with back-pressure. */
export class OutputCopy implements Disposable {
  readonly #port: PortReader;
  readonly #output: Output;
  readonly #refused = Promise.withResolvers<void>();
  readonly #whole = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<never>();
  #taken = 0;
  #total: number | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #isTaking = false;
  #isGone = false;
  #isDone = false;

  constructor(port: PortReader, output: Output) {
    this.#port = port;
    this.#output = output;
    this.#failed.promise.catch(() => {});
    output.gone.then(() => this.#refused.resolve());
    this.#copy().catch(this.#failed.reject);
  }

  /** Resolves when there is no reader any more; further output is dropped. */
  get refused(): Promise<void> {
    return this.#refused.promise;
  }

  /** Rejects if the output cannot be written, or the guest sends more than it announced. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Whether the guest has announced the length and all of it has been copied. */
  get isWhole(): boolean {
    return this.#taken === this.#total;
  }

  /**
   * Waits until the whole stream has been copied.
   *
   * @param total its length in bytes, as the guest announced it
   * @throws {ProtocolError} if the guest has sent more, or sends no more.
   * @throws {MachineGone} if it hangs up.
   */
  async until(total: number): Promise<void> {
    this.#total = total;
    this.#look();
    await Promise.race([this.#whole.promise, this.#failed.promise]);
  }

  /** Stops copying. */
  [Symbol.dispose](): void {
    this.#isDone = true;
    clearTimeout(this.#patience);
  }

  /** Compares the bytes copied with the length announced. */
  #look(): void {
    clearTimeout(this.#patience);
    if (this.#isDone || this.#isTaking) return; // a slow reader is no fault of the guest
    const missing = (this.#total ?? Infinity) - this.#taken;
    if (missing < 0) {
      this.#failed.reject(new ProtocolError("the guest sent more bytes than it announced"));
    } else if (missing === 0) this.#whole.resolve();
    else if (this.#isGone) this.#failAfter(HANG_UP_MS, new MachineGone("the machine ended"));
    else if (this.#total !== undefined) {
      this.#failAfter(STALL_MS, new ProtocolError("the guest sent fewer bytes than it announced"));
    }
  }

  #failAfter(limitMs: number, error: Error): void {
    this.#patience = setTimeout(this.#failed.reject, limitMs, error);
  }

  async #copy(): Promise<void> {
    let wanted = true;
    while (true) {
      const chunk = await this.#port.next;
      if (this.#isDone) return; // the chunk is left to the next reader
      if (chunk === undefined) break;
      this.#port.taken();
      this.#isTaking = true;
      clearTimeout(this.#patience);
      if (this.#total !== undefined && this.#taken + chunk.length > this.#total) wanted = false;
      wanted &&= await this.#output.write(chunk);
      if (!wanted) this.#refused.resolve();
      this.#taken += chunk.length;
      this.#isTaking = false;
      this.#look();
    }
    this.#isGone = true;
    this.#look();
  }
}
