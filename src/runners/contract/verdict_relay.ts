// The stderr of a command whose execvm or sh has no other way to tell something: passed on without that.

import { concat } from "../../io/bytes.ts";
import { type EndWriter, openEdge, toReadable, toWriter } from "../../io/edges.ts";
import type { OutputEnd } from "../../io/ends.ts";
import { saidMark } from "./said_mark.ts";

const NEWLINE = 10;

/** Characters that are kept of what is told: of a chain a number. */
const HEARD_LENGTH = 100;

/** Passes on what comes but for marked lines. */
export class VerdictRelay {
  /** For others to write to. */
  readonly end: OutputEnd;
  /** Resolves when all has been passed on, and the output is closed. */
  readonly done: Promise<void>;
  readonly #output: EndWriter;
  readonly #mark: string;
  #held: Uint8Array = new Uint8Array();
  readonly #dropped = Promise.withResolvers<true>();
  #isDropped = false;
  #isHiding = false;
  #heard: string | undefined;

  /** @param output is where to pass it on; it is owned here @param token of the verdict */
  constructor(output: OutputEnd, token: string) {
    const { read, write } = openEdge();
    this.end = write;
    this.#output = toWriter(output, Deno.stderr);
    this.#mark = saidMark(token);
    this.done = this.#relay(toReadable(read));
  }

  /** How the last marked line that has come goes on. */
  get heard(): string | undefined {
    return this.#heard;
  }

  async #relay(readable: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of readable) {
      if (!await this.#pass(chunk)) break; // nobody reads it any more
    }
    await this.#write(this.#held);
    if (!this.#isDropped) await Promise.race([this.#output.close(), this.#dropped.promise]);
  }

  /** Closes the output now: what a reader that does not read has not taken is lost. */
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

  /** `false` when nobody reads it. What cannot be written, as to a full disk, is lost: no reason to end. */
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

/** Where the mark begins, or what may become one at the end of the text. */
function startOf(mark: string, text: string): number {
  const whole = text.indexOf(mark);
  if (whole >= 0) return whole;
  for (let start = text.indexOf(mark[0]!); start >= 0; start = text.indexOf(mark[0]!, start + 1)) {
    if (mark.startsWith(text.slice(start))) return start;
  }
  return text.length;
}
