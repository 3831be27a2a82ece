// Copies stdin from its port to the command.

import { type Fd, openPipe, PIPE_BYTES } from "../libc/fd.ts";
import { sendSignal, type StartedChild } from "../libc/spawn.ts";
import { FIRST_BYTES, startCopier } from "./copier.ts";
import type { Loop } from "./loop.ts";
import { Pump, type PumpEnd } from "./pump.ts";

const BUFFER_BYTES = 32 << 10;

/** The ends of the copy. The port stays the caller's. */
export interface StdinRelayOptions {
  readonly port: Fd;
  /** The end to write to; closed at the end. */
  readonly pipe: Fd;
  /** Called if the pipe loses its reader before the end. */
  readonly onRefused: () => void;
}

/**
 * Copies until all bytes that the host has announced are written, or the pipe has no reader any
 * more.
 */
export class StdinRelay {
  readonly #loop: Loop;
  readonly #options: StdinRelayOptions;
  readonly #readersGone: Disposable;
  #pump: Pump;
  #total = Infinity;
  /** Bytes that were copied before the copier was started. */
  #before = 0;
  #copier: { readonly child: StartedChild; readonly pipe: Fd } | undefined;

  constructor(loop: Loop, options: StdinRelayOptions) {
    const { port, pipe } = options;
    this.#loop = loop;
    this.#options = options;
    port.setNonblocking();
    pipe.setNonblocking();
    this.#readersGone = loop.watch(pipe, 0, () => this.stop());
    this.#pump = this.#startPump(port, FIRST_BYTES, BUFFER_BYTES);
  }

  /** Sets the end: the host has sent `total` bytes in all. */
  end(total: number): void {
    this.#total = total;
    this.#pump.limitTo(
      this.#copier === undefined ? Math.min(total, FIRST_BYTES) : total - this.#before,
    );
  }

  /** Stops, as the pipe has no reader any more. */
  stop(): void {
    this.#pump.stop();
  }

  #startPump(from: Fd, limit: number, bufferBytes: number): Pump {
    const onEnd = (end: PumpEnd) => this.#onEnd(end);
    return new Pump(this.#loop, { from, to: this.#options.pipe, limit, bufferBytes, onEnd });
  }

  #onEnd(end: PumpEnd): void {
    if (end === "limit" && this.#copier === undefined && this.#pump.bytes < this.#total) {
      return this.#startCopier();
    }
    this.#readersGone[Symbol.dispose]();
    this.#options.pipe.close();
    this.#endCopier();
    if (end !== "limit") this.#options.onRefused();
  }

  #startCopier(): void {
    this.#before = this.#pump.bytes;
    const { read, write } = openPipe();
    this.#options.pipe.enlarge();
    this.#options.port.setBlocking();
    const child = startCopier(this.#options.port, write);
    write.close();
    read.setNonblocking();
    this.#copier = { child, pipe: read };
    this.#pump = this.#startPump(read, this.#total - this.#before, PIPE_BYTES);
  }

  #endCopier(): void {
    if (this.#copier === undefined) return;
    const { child, pipe } = this.#copier;
    pipe.close();
    sendSignal(child.pid, "SIGKILL"); // it is reaped like an orphan
    child[Symbol.dispose]();
  }
}
