// Copies from one non-blocking descriptor to another.

import type { Fd } from "../libc/fd.ts";
import { readNow, writeNow } from "../libc/fd_streams.ts";
import { POLLIN, POLLOUT } from "../libc/reactor.ts";
import type { Loop } from "./loop.ts";

/**
 * Why a pump ended: at the end of its source, at its limit, or as the target has no reader any
 * more.
 */
export type PumpEnd = "eof" | "limit" | "refused";

/** The ends and limits of a copy. Both descriptors stay the caller's, and must be non-blocking. */
export interface PumpOptions {
  readonly from: Fd;
  readonly to: Fd;
  /** The most bytes that are copied at once. */
  readonly bufferBytes: number;
  /** The pump ends once at least this many bytes are copied; it may be up to a buffer more. */
  readonly limit: number;
  readonly onEnd: (end: PumpEnd) => void;
}

/** Copies, starting with the constructor. */
export class Pump {
  readonly #loop: Loop;
  readonly #options: PumpOptions;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #watch: Disposable | undefined;
  #waitsFor = 0;
  /** Bytes that have been read but not written yet. */
  #rest: Uint8Array<ArrayBuffer> | undefined;
  #limit: number;
  #bytes = 0;
  #isDraining = false;
  #hasEnded = false;

  constructor(loop: Loop, options: PumpOptions) {
    this.#loop = loop;
    this.#options = options;
    this.#buffer = new Uint8Array(options.bufferBytes);
    this.#limit = options.limit;
    this.#await(POLLIN);
  }

  /** The number of bytes copied so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sets another limit. */
  limitTo(bytes: number): void {
    this.#limit = bytes;
    if (this.#bytes >= bytes) this.#end("limit");
  }

  /** Ends, with `eof`, as soon as nothing is left to read. */
  drain(): void {
    this.#isDraining = true;
    if (this.#rest === undefined) this.#copy();
  }

  /** Ends at once. */
  stop(): void {
    this.#end("refused");
  }

  /** Copies one buffer; the loop calls again if there is more. */
  #copy(): void {
    while (!this.#hasEnded) {
      if (this.#rest === undefined) {
        const count = readNow(this.#options.from, this.#buffer);
        if (count === 0) return this.#end("eof");
        if (count < 0) return this.#isDraining ? this.#end("eof") : this.#await(POLLIN);
        this.#rest = this.#buffer.subarray(0, count);
      }
      if (!this.#write(this.#rest)) return;
      if (this.#bytes >= this.#limit) return this.#end("limit");
      if (!this.#isDraining) return this.#await(POLLIN);
    }
  }

  /** Writes as much as possible; returns whether that was all. */
  #write(rest: Uint8Array<ArrayBuffer>): boolean {
    const count = writeNow(this.#options.to, rest);
    if (count === undefined) {
      this.#end("refused");
      return false;
    }
    this.#bytes += count;
    this.#rest = count === rest.length ? undefined : rest.subarray(count);
    if (this.#rest === undefined) return true;
    this.#await(POLLOUT);
    return false;
  }

  #await(events: number): void {
    if (this.#waitsFor === events) return;
    this.#watch?.[Symbol.dispose]();
    this.#waitsFor = events;
    const fd = events === POLLIN ? this.#options.from : this.#options.to;
    this.#watch = this.#loop.watch(fd, events, () => this.#copy());
  }

  #end(end: PumpEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#watch?.[Symbol.dispose]();
    this.#options.onEnd(end);
  }
}
