// Relays the stderr of a tool that runs commands elsewhere, on which the command's output and the
// tool's own messages are mixed.

import { StderrTail } from "../../host/stderr_tail.ts";
import { type Bytes, concat } from "../../io/bytes.ts";
import { openEdge, readUntil, toWriter } from "../../io/edges.ts";
import type { OutputEnd } from "../../io/ends.ts";

/** How long messages of the tool are held back: the tool ends right after its last one. */
const HOLD_MS = 200;

/** How many bytes are held back: the tool's last message is a few lines. */
const HOLD_BYTES = 8 << 10;

const NOTHING: Bytes = new Uint8Array();

/**
 * Passes on what the tool writes and keeps its last bytes. What looks like the tool's own last
 * message is held back for a moment: if the tool then ends, the caller decides whether it is shown,
 * or dropped because it is noise or becomes part of an error.
 */
export class RelayedStderr {
  /** The end that the tool writes to. */
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
   * @param output where it is passed on; this object owns and closes it
   * @param ownWords matches the start of the tool's own messages
   * @param unread once `output` has no reader: `fail` closes the pipe, so that the tool's writes
   * fail as they would without the relay; `take` goes on reading and discards
   */
  constructor(output: OutputEnd, ownWords: RegExp, unread: "fail" | "take" = "fail") {
    const { read, write } = openEdge();
    this.end = write;
    this.#output = toWriter(output, Deno.stderr);
    this.#ownWords = ownWords;
    this.#unread = unread;
    this.#taken = this.#relay(readUntil(read, this.#ended.promise));
  }

  /** The last bytes that the tool has written, as text. */
  get tail(): string {
    return this.#tail.toString();
  }

  /** To be called when the tool has ended: resolves once all that it had written is read. */
  async finish(): Promise<void> {
    this.#ended.resolve();
    await this.#taken;
  }

  /** Passes on or drops what is held back, then closes the output. */
  async close(held: "show" | "drop"): Promise<void> {
    if (this.#isDropped) return;
    if (held === "show") await this.#release();
    await Promise.race([this.#output.close(), this.#dropped.promise]);
  }

  /**
   * Closes the output now, losing what its reader has not taken. The tool can still write, and its
   * last bytes are kept.
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

  /**
   * Returns `false` once the output has no reader. Other failures, such as a full disk, only lose
   * the bytes.
   */
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
