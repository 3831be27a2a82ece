// Copying the output of a guest from its port, as far as the guest says that it goes.

import { MachineGone } from "../machine/machine_error.ts";
import { ProtocolError } from "../machine/protocol.ts";
import type { PortReader } from "../qemu/port_reader.ts";

/** What a guest has sent is in QEMU already and comes at once: whoever takes longer has not sent it. */
const STALL_MS = 10_000;

/** After the hang-up of one port, how long that of the others, and what they still hold, may take. */
const HANG_UP_MS = 1000;

/** Where the output of a guest goes. */
export interface Output {
  /** Takes a chunk; `false` when nobody wants more. */
  write(chunk: Uint8Array): Promise<boolean>;
  /** Resolves when nobody wants more, if that comes. */
  readonly gone: Promise<void>;
}

/** Copies one stream, from now on until it is disposed, no faster than it is taken. */
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

  /** Resolves when nobody wants more; what still comes is dropped. */
  get refused(): Promise<void> {
    return this.#refused.promise;
  }

  /** Rejects when the output cannot be taken, or the guest sends more than it says. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Whether the guest has told the end and all is here. */
  get isWhole(): boolean {
    return this.#taken === this.#total;
  }

  /**
   * Waits until all of the stream has been taken, of which the guest says that it is so many bytes.
   *
   * @throws {ProtocolError} if it has sent more, or no more comes. @throws {MachineGone} if it hangs up.
   */
  async until(total: number): Promise<void> {
    this.#total = total;
    this.#look();
    await Promise.race([this.#whole.promise, this.#failed.promise]);
  }

  /** Stops waiting for anything. */
  [Symbol.dispose](): void {
    this.#isDone = true;
    clearTimeout(this.#patience);
  }

  /** Compares what is here with what was said. */
  #look(): void {
    clearTimeout(this.#patience);
    if (this.#isDone || this.#isTaking) return; // whoever takes it may take their time
    const missing = (this.#total ?? Infinity) - this.#taken;
    if (missing < 0) this.#failed.reject(new ProtocolError("the guest sent more than it said"));
    else if (missing === 0) this.#whole.resolve();
    else if (this.#isGone) this.#failAfter(HANG_UP_MS, new MachineGone("the machine ended"));
    else if (this.#total !== undefined) {
      this.#failAfter(STALL_MS, new ProtocolError("the guest sent fewer bytes than it said"));
    }
  }

  #failAfter(limitMs: number, error: Error): void {
    this.#patience = setTimeout(this.#failed.reject, limitMs, error);
  }

  async #copy(): Promise<void> {
    let wanted = true;
    while (true) {
      const chunk = await this.#port.next;
      if (this.#isDone) return; // it is for who comes next
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
