// Relays the stdout of a tool that runs commands elsewhere, hiding from it that the reader has
// gone: the tool might then kill the command outright.

import { type EndWriter, openEdge, toReadable, toWriter } from "../../io/edges.ts";
import type { OutputEnd } from "../../io/ends.ts";
import { Fd } from "../../libc/fd.ts";
import { findLibc } from "../../libc/libc.ts";
import { waitFor } from "../../libc/reactor.ts";
import { messageOf } from "../../model/errors.ts";

/** Small writes in quick succession are collected for this long: a read costs about 0.1 ms. */
const GATHER_MS = 5;
const LITTLE_BYTES = 256 << 10;

/** Passes on what the tool writes; once the output has no reader, reads and discards the rest. */
export class RelayedStdout {
  /** The end that the tool writes to. */
  readonly end: OutputEnd;
  readonly #output: EndWriter;
  readonly #onGone: () => void;
  readonly #ownWatch: Disposable | undefined;
  readonly #relayed: Promise<void>;
  readonly #dropped = Promise.withResolvers<false>();
  #isDropped = false;
  /** How long a write may block, and the timer of the one in progress. */
  #patienceMs = Infinity;
  #isWriting = false;
  #impatient: ReturnType<typeof setTimeout> | undefined;
  #failure: string | undefined;

  /**
   * @param output where it is passed on; this object owns and closes it
   * @param onGone called once `output` has no reader, whether or not something is written; also
   * when it is closed, and possibly more than once
   */
  constructor(output: OutputEnd, onGone: () => void) {
    const { read, write } = openEdge();
    this.end = write;
    this.#onGone = onGone;
    this.#output = toWriter(output, Deno.stdout);
    this.#ownWatch = output === "inherit" ? watchOwn(onGone) : undefined;
    this.#output.gone.then(onGone);
    this.#relayed = this.#relay(toReadable(read));
  }

  /** Why a write failed, unless that was for lack of a reader. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** To be called when the tool has ended: passes on or drops the rest, then closes the output. */
  async finish(): Promise<void> {
    await this.#relayed;
    this.#ownWatch?.[Symbol.dispose]();
    if (!this.#isDropped) await this.#output.close();
  }

  /**
   * Closes the output now, losing what its reader has not taken. The tool can still write, as it
   * may have to write its rest before it can end.
   */
  drop(): void {
    this.#isDropped = true;
    this.#dropped.resolve(false);
    void this.#output.close();
  }

  /**
   * From now on drops the output if a write to it blocks for so many milliseconds, because its
   * reader does not read. A reader that reads loses nothing.
   */
  dropWhenStuck(ms: number): void {
    this.#patienceMs = Math.min(ms, this.#patienceMs);
    if (this.#isWriting) this.#limitWrite();
  }

  #limitWrite(): void {
    clearTimeout(this.#impatient);
    this.#impatient = setTimeout(() => this.drop(), this.#patienceMs);
  }

  async #relay(readable: ReadableStream<Uint8Array>): Promise<void> {
    let isTaken = true;
    let before = -Infinity;
    for await (const chunk of readable) {
      if (isTaken && !await this.#pass(chunk)) {
        isTaken = false;
        this.#onGone();
      }
      const now = performance.now();
      if (chunk.length < LITTLE_BYTES && now - before < 2 * GATHER_MS) await gather();
      before = now;
    }
  }

  async #pass(chunk: Uint8Array): Promise<boolean> {
    this.#isWriting = true;
    if (this.#patienceMs < Infinity) this.#limitWrite();
    try {
      return await Promise.race([this.#output.write(chunk), this.#dropped.promise]);
    } catch (error) {
      this.#failure = messageOf(error);
      return false;
    } finally {
      this.#isWriting = false;
      clearTimeout(this.#impatient);
    }
  }
}

/**
 * Watches our own stdout for the loss of its reader, which the writer of an inherited end does not
 * report.
 */
function watchOwn(onGone: () => void): Disposable | undefined {
  if (findLibc() === undefined) return undefined;
  const waiter = waitFor(Fd.borrow(1), 0);
  waiter.ready.then(onGone);
  return waiter;
}

function gather(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, GATHER_MS));
}
