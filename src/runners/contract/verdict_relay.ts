// Relays a command's stderr and filters out the marked lines by which an execvm or sh reports to
// us.

import { concat } from "../../io/bytes.ts";
import { type EndWriter, openEdge, toReadable, toWriter } from "../../io/edges.ts";
import type { OutputEnd } from "../../io/ends.ts";
import { saidMark } from "./said_mark.ts";

const NEWLINE = 10;

/** How many characters of a marked line are kept: a chain reports a number. */
const HEARD_LENGTH = 100;

/** Passes on everything except marked lines, and keeps the last of these. */
export class VerdictRelay {
  /** The end to write to. */
  readonly end: OutputEnd;
  /** Resolves when everything has been passed on and the output is closed. */
  readonly done: Promise<void>;
  readonly #output: EndWriter;
  readonly #mark: string;
  #held: Uint8Array = new Uint8Array();
  readonly #dropped = Promise.withResolvers<true>();
  #isDropped = false;
  #isHiding = false;
  #heard: string | undefined;

  /**
   * @param output where it is passed on; this object owns and closes it
   * @param token the one in the mark of the lines
   */
  constructor(output: OutputEnd, token: string) {
    const { read, write } = openEdge();
    this.end = write;
    this.#output = toWriter(output, Deno.stderr);
    this.#mark = saidMark(token);
    this.done = this.#relay(toReadable(read));
  }

  /** The last marked line so far, without its mark; `undefined` if there was none. */
  get heard(): string | undefined {
    return this.#heard;
  }

  async #relay(readable: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of readable) {
      if (!await this.#pass(chunk)) break; // the output has lost its reader
    }
    await this.#write(this.#held);
    if (!this.#isDropped) await Promise.race([this.#output.close(), this.#dropped.promise]);
  }

  /** Closes the output now, losing what its reader has not taken. */
  drop(): void {
    this.#isDropped = true;
    this.#dropped.resolve(true);
    void this.#output.close();
  }

  async #pass(chunk: Uint8Array): Promise<boolean> {
    if (this.#isHiding) {
      const end = chunk.indexOf(NEWLINE);
      this.#isHiding = end < 0;
      this.#hear(end < 0 ? chunk : chunk.subarray(0, end));
      return end < 0 || await this.#pass(chunk.subarray(end + 1));
    }
    const bytes = concat(this.#held, chunk);
    const text = new TextDecoder("latin1").decode(bytes); // a character a byte
    const start = startOf(this.#mark, text);
    const isWhole = text.startsWith(this.#mark, start);
    this.#held = isWhole ? new Uint8Array() : bytes.subarray(start);
    this.#isHiding = isWhole;
    if (isWhole) this.#heard = "";
    const isTaken = await this.#write(bytes.subarray(0, start));
    return isTaken && (!isWhole || await this.#pass(bytes.subarray(start + this.#mark.length)));
  }

  #hear(bytes: Uint8Array): void {
    const text = new TextDecoder("latin1").decode(bytes.subarray(0, HEARD_LENGTH));
    this.#heard = `${this.#heard}${text}`.slice(0, HEARD_LENGTH);
  }

  /**
   * Returns `false` once the output has no reader. Other failures, such as a full disk, only lose
   * the bytes.
   */
  async #write(bytes: Uint8Array): Promise<boolean> {
    if (this.#isDropped) return true;
    try {
      const isTaken = await Promise.race([this.#output.write(bytes), this.#dropped.promise]);
      return isTaken || this.#isDropped;
    } catch {
      return true;
    }
  }
}

/**
 * Returns where the mark, or at the end of the text a part of it, begins; otherwise the text's
 * length.
 */
function startOf(mark: string, text: string): number {
  const whole = text.indexOf(mark);
  if (whole >= 0) return whole;
  for (let start = text.indexOf(mark[0]!); start >= 0; start = text.indexOf(mark[0]!, start + 1)) {
    if (mark.startsWith(text.slice(start))) return start;
  }
  return text.length;
}
