// The stderr of a tool that runs commands elsewhere: what the command says and what the tool itself says
// come out of it together.

import { StderrTail } from "../../host/stderr_tail.ts";
import { type Bytes, concat } from "../../io/bytes.ts";
import { openEdge, readUntil, toWriter } from "../../io/edges.ts";
import type { OutputEnd } from "../../io/ends.ts";

/** How long words of the tool may be held back: it ends right after it has said them. */
const HOLD_MS = 200;

/** How many bytes may be: its last words are few lines. */
const HOLD_BYTES = 8 << 10;

const NOTHING: Bytes = new Uint8Array();

/**
 * Passes on what comes, its last bytes kept. What looks like the tool's own last words waits for a
 * moment: if the tool ends and they turn out to be noise, or the message of an error, nobody sees them.
 */
export class RelayedStderr {
  /** For the tool to write to. */
  readonly end: OutputEnd;
  readonly #tail = new StderrTail();
  readonly #output: ReturnType<typeof toWriter>;
  readonly #ownWords: RegExp;
  readonly #unread: "fail" | "take";
  readonly #ended = Promise.withResolvers<void>();
  readonly #taken: Promise<void>;
  readonly #dropped = Promise.withResolvers<true>();
  #isDropped = false;
  #held: Bytes = NOTHING;

  /**
   * @param output is where to pass it on; it is owned here
   * @param ownWords start a line of the tool
   * @param unread what becomes of words that nobody reads: to write them fails for the tool, as it would
   * without us, or they are taken all the same
   */
  constructor(output: OutputEnd, ownWords: RegExp, unread: "fail" | "take" = "fail") {
    const { read, write } = openEdge();
    this.end = write;
    this.#output = toWriter(output, Deno.stderr);
    this.#ownWords = ownWords;
    this.#unread = unread;
    this.#taken = this.#relay(readUntil(read, this.#ended.promise));
  }

  /** The last bytes, as text. */
  get tail(): string {
    return this.#tail.toString();
  }

  /** Waits for all that is there, as the tool has ended. */
  async finish(): Promise<void> {
    this.#ended.resolve();
    await this.#taken;
  }

  /** Passes on what is held back, or drops it, and closes the output. */
  async close(held: "show" | "drop"): Promise<void> {
    if (this.#isDropped) return;
    if (held === "show") await this.#release();
    await Promise.race([this.#output.close(), this.#dropped.promise]);
  }

  /**
   * Closes the output now: what a reader that does not read has not taken is lost. The tool can go on
   * writing, and its last bytes are kept.
   */
  drop(): void {
    this.#isDropped = true;
    this.#dropped.resolve(true);
    void this.#output.close();
  }

  async #relay(readable: ReadableStream<Bytes>): Promise<void> {
    const reader = readable.getReader();
    for (let next = reader.read(); true; next = reader.read()) {
      if (this.#held.length > 0 && await isLate(next)) await this.#release();
      const { done, value } = await next;
      if (done) return;
      this.#tail.push(value);
      const words = concat(this.#held, value);
      const recent = Math.max(0, words.length - HOLD_BYTES);
      const split = recent + this.#startOfOwnWords(words.subarray(recent));
      this.#held = words.subarray(split);
      const isTaken = await this.#pass(words.subarray(0, split));
      if (!isTaken && this.#unread === "fail") return await reader.cancel();
    }
  }

  async #release(): Promise<void> {
    const held = this.#held;
    this.#held = NOTHING;
    await this.#pass(held);
  }

  /** `false` when nobody reads it. What cannot be written, as to a full disk, is lost: no reason to end. */
  async #pass(words: Bytes): Promise<boolean> {
    if (this.#isDropped) return true;
    try {
      const isTaken = await Promise.race([this.#output.write(words), this.#dropped.promise]);
      return isTaken || this.#isDropped;
    } catch {
      return true;
    }
  }

  #startOfOwnWords(words: Bytes): number {
    const text = new TextDecoder("latin1").decode(words); // a character a byte
    const start = text.search(this.#ownWords);
    return start < 0 ? words.length : start;
  }
}

async function isLate(next: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<true>();
  const timer = setTimeout(() => resolve(true), HOLD_MS);
  const isLate = await Promise.race([next.then(() => false), late]);
  clearTimeout(timer);
  return isLate;
}
