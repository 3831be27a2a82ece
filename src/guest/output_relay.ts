// Copies an output of the command to its port.

import { type Fd, openPipe, PIPE_BYTES } from "../libc/fd.ts";
import { POLLIN } from "../libc/reactor.ts";
import { FIRST_BYTES, startCopier } from "./copier.ts";
import type { Loop } from "./loop.ts";
import { Pump, type PumpEnd } from "./pump.ts";

const BUFFER_BYTES = 32 << 10;

/** The ends of the copy. The port stays the caller's. */
export interface OutputRelayOptions {
  /** The end to read from; closed at its end. */
  readonly pipe: Fd;
  readonly port: Fd;
  /** Called with the number of bytes once all have been written to the port. */
  readonly onEnd: (bytes: number) => void;
}

/**
 * Copies until the end of the pipe. Every write to the port costs QEMU some 250 us, whether it has
 * 4 KiB or the maximum of 32 KiB. So small writes of a command are collected first, for as long as
 * the loop takes to come back to them.
 */
export class OutputRelay {
  readonly #loop: Loop;
  readonly #options: OutputRelayOptions;
  #pump: Pump;
  #before = 0;
  #isDraining = false;
  #collected: Fd | undefined;

  constructor(loop: Loop, options: OutputRelayOptions) {
    this.#loop = loop;
    this.#options = options;
    options.pipe.setNonblocking();
    options.port.setNonblocking();
    this.#pump = this.#startPump(options.port, FIRST_BYTES, BUFFER_BYTES);
  }

  /**
   * Copies only what is in the pipe now, as the command has ended; other processes may hold the
   * pipe open.
   */
  drain(): void {
    this.#isDraining = true;
    this.#pump.drain();
  }

  /** Stops, as the host has closed the stream. */
  stop(): void {
    this.#pump.stop();
  }

  #startPump(to: Fd, limit: number, bufferBytes: number): Pump {
    const onEnd = (end: PumpEnd) => this.#onEnd(end);
    return new Pump(this.#loop, { from: this.#options.pipe, to, limit, bufferBytes, onEnd });
  }

  #onEnd(end: PumpEnd): void {
    if (end === "limit") return this.#startCopier();
    this.#options.pipe.close();
    if (this.#collected === undefined) this.#options.onEnd(this.#pump.bytes);
    else this.#collected.close(); // the copier ends once it has copied that
  }

  #startCopier(): void {
    this.#before = this.#pump.bytes;
    const { read, write } = openPipe();
    this.#options.pipe.enlarge();
    this.#options.port.setBlocking();
    const child = startCopier(read, this.#options.port);
    read.close();
    write.setNonblocking();
    this.#collected = write;
    this.#pump = this.#startPump(write, Infinity, PIPE_BYTES);
    if (this.#isDraining) this.#pump.drain();
    const watch = this.#loop.watch(child.pidfd, POLLIN, () => {
      watch[Symbol.dispose]();
      child[Symbol.dispose]();
      this.#options.onEnd(this.#before + this.#pump.bytes);
    });
  }
}
