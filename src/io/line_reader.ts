// Reads a stream as lines of UTF-8.

import type { LineIterator } from "../model/running_pipeline.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Next = IteratorResult<string, undefined>;

/** The longest line in characters: half of what a string holds. */
const MAX_CHARACTERS = 2 ** 28;

const END: Next = { done: true, value: undefined };

/** Splits text that arrives in pieces at `\n` and `\r\n`. */
class LineSplitter {
  /** The pieces of the unfinished line. */
  #pieces: string[] = [];
  #characters = 0;

  /** Returns the lines that `text` completes. @throws {RangeError} if one is too long. */
  push(text: string): string[] {
    const lines = text.split("\n");
    const rest = lines.pop()!;
    if (lines.length > 0) {
      lines[0] = this.#take(lines[0]!);
      for (let index = 0; index < lines.length; index++) {
        const line = lines[index]!;
        if (line.endsWith("\r")) lines[index] = line.slice(0, -1);
      }
    }
    this.#hold(rest);
    return lines;
  }

  /** Returns the last line, if it has no newline. */
  end(): string[] {
    return this.#characters === 0 ? [] : [this.#take("")];
  }

  #hold(piece: string): void {
    if (piece === "") return;
    this.#pieces.push(piece);
    this.#characters += piece.length;
    if (this.#characters <= MAX_CHARACTERS) return;
    throw new RangeError(
      `cannot read a line of over ${MAX_CHARACTERS} characters: read the output as bytes`,
    );
  }

  #take(last: string): string {
    if (this.#pieces.length === 0) return last;
    const line = this.#pieces.join("") + last;
    this.#pieces = [];
    this.#characters = 0;
    return line;
  }
}

/**
 * The lines of a stream, as they arrive. Concurrent calls of `next` are answered in order. Leaving
 * it unlocks the stream.
 */
export class LineReader implements LineIterator {
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  readonly #onLeave: () => void;
  readonly #decoder = new TextDecoder();
  readonly #splitter = new LineSplitter();
  #lines: string[] = [];
  #given = 0;
  /** The calls of `next` that wait, one after the other. */
  #waiting: Promise<unknown> | undefined;
  #state: "open" | "ended" | "left" = "open";

  /**
   * @param stream is locked until its end, or until the iterator is left
   * @param onLeave called once, if the iterator is left before the end
   */
  constructor(stream: ReadableStream<Bytes>, onLeave: () => void) {
    this.#reader = stream.getReader();
    this.#onLeave = onLeave;
  }

  next(): Promise<Next> {
    if (this.#waiting === undefined && this.#given < this.#lines.length) {
      return Promise.resolve(this.#nextOfBatch());
    }
    const next = this.#waiting === undefined
      ? this.#advance()
      : this.#waiting.then(() => this.#advance());
    const waiting: Promise<void> = next.then(() => {}, () => {}).then(() => {
      if (this.#waiting === waiting) this.#waiting = undefined;
    });
    this.#waiting = waiting;
    return next;
  }

  return(): Promise<Next> {
    if (this.#state === "open") this.#leave();
    this.#lines = [];
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): LineReader {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #advance(): Promise<Next> {
    while (this.#given >= this.#lines.length) {
      if (this.#state !== "open") return END;
      try {
        await this.#read();
      } catch (error) {
        if (this.#hasLeft()) return END;
        this.#leave();
        throw error;
      }
    }
    return this.#nextOfBatch();
  }

  async #read(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (this.#hasLeft()) return;
    this.#given = 0;
    this.#lines = this.#splitter.push(this.#decoder.decode(value, { stream: !done }));
    if (!done) return;
    this.#lines.push(...this.#splitter.end());
    this.#state = "ended";
    this.#reader.releaseLock();
  }

  #nextOfBatch(): Next {
    return { done: false, value: this.#lines[this.#given++]! };
  }

  #hasLeft(): boolean {
    return this.#state === "left";
  }

  #leave(): void {
    this.#state = "left";
    this.#reader.releaseLock();
    this.#onLeave();
  }
}
