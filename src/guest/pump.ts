// Copying from one descriptor to another, as both allow.

import type { Fd } from "../libc/fd.ts";
import { readNow, writeNow } from "../libc/fd_streams.ts";
import { POLLIN, POLLOUT } from "../libc/reactor.ts";
import type { Loop } from "./loop.ts";

/** Why it ended: its source did, as many bytes as wanted are there, or nobody takes any more. */
export type PumpEnd = "eof" | "limit" | "refused";

/** What to copy. Both descriptors stay the caller's, and may not block. */
export interface PumpOptions {
  readonly from: Fd;
  readonly to: Fd;
  /** Bytes that are copied at once, at most. */
  readonly bufferBytes: number;
  /** It ends once so many bytes, or some more, are copied. */
  readonly limit: number;
  readonly onEnd: (end: PumpEnd) => void;
}

/** Copies from its making on. */
export class Pump {
  readonly #loop: Loop;
  readonly #options: PumpOptions;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #watch: Disposable | undefined;
  #waitsFor = 0;
  /** What has been read and not been written yet. */
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

  /** Bytes that have been copied. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sets another limit. */
  limitTo(bytes: number): void {
    this.#limit = bytes;
    if (this.#bytes >= bytes) this.#end("limit");
  }

  /** Ends, as at the end of the source, as soon as nothing is there to copy. */
  drain(): void {
    this.#isDraining = true;
    if (this.#rest === undefined) this.#copy();
  }

  /** Ends at once. */
  stop(): void {
    this.#end("refused");
  }

  /** Copies what is there, once: the loop comes back if there is more. */
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

  /** Whether all of it is written. */
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
