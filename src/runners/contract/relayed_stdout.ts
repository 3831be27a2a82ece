// The stdout of a tool that runs commands elsewhere and must not see that nobody reads it any more: it may
// take that for a reason to kill the command outright.

import { type EndWriter, openEdge, toReadable, toWriter } from "../../io/edges.ts";
import type { OutputEnd } from "../../io/ends.ts";
import { Fd } from "../../libc/fd.ts";
import { findLibc } from "../../libc/libc.ts";
import { waitFor } from "../../libc/reactor.ts";
import { messageOf } from "../../model/errors.ts";

/** A tool that writes on and on, little at a time, is let write for so long, as each look costs some 0.1 ms. */
const GATHER_MS = 5;
const LITTLE_BYTES = 256 << 10;

/** Passes on what comes; once nobody takes it, it takes the rest itself, so that the tool does not notice. */
export class RelayedStdout {
  /** For the tool to write to. */
  readonly end: OutputEnd;
  readonly #output: EndWriter;
  readonly #onGone: () => void;
  readonly #ownWatch: Disposable | undefined;
  readonly #relayed: Promise<void>;
  readonly #dropped = Promise.withResolvers<false>();
  #isDropped = false;
  /** Milliseconds that a write may wait for, and what ends the one that waits. */
  #patienceMs = Infinity;
  #isWriting = false;
  #impatient: ReturnType<typeof setTimeout> | undefined;
  #failure: string | undefined;

  /**
   * @param output is where to pass it on; it is owned here
   * @param onGone is called once nobody reads that any more, whether or not something is written; also when
   * it is closed, and maybe more than once
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

  /** Why it could not be written, if that is not that nobody reads it. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Resolves when all has been passed on or dropped, as the tool has ended; the output is closed then. */
  async finish(): Promise<void> {
    await this.#relayed;
    this.#ownWatch?.[Symbol.dispose]();
    if (!this.#isDropped) await this.#output.close();
  }

  /**
   * Closes the output now: what a reader that does not read has not taken is lost. The tool can go on
   * writing, as its last words may be what ends it.
   */
  drop(): void {
    this.#isDropped = true;
    this.#dropped.resolve(false);
    void this.#output.close();
  }

  /**
   * From now on drops the output when a write to it waits for so many milliseconds: its reader does not read.
   * One that reads loses nothing.
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

/** Who writes to our own stdout is not told by itself. */
function watchOwn(onGone: () => void): Disposable | undefined {
  if (findLibc() === undefined) return undefined;
  const waiter = waitFor(Fd.borrow(1), 0);
  waiter.ready.then(onGone);
  return waiter;
}

function gather(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, GATHER_MS));
}
