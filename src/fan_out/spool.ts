// Buffers the output of one item until its turn, then passes it on as it arrives.

import { callSink } from "../io/open_sink.ts";
import type { OpenSink } from "../io/sink.ts";
import type { SpoolFile, SpoolFolder } from "./spool_file.ts";

type Bytes = Uint8Array;

/** Bytes that are buffered in memory; the rest goes to a file. */
const MEMORY_BYTES = 32 << 10;

/** Bytes that are buffered in total; the item is then paused until its turn. */
const HELD_BYTES = 16 << 20;

/**
 * The buffered output of an item, which is read once. It is buffered until it is read, or with
 * `untilDecided` until the last attempt has ended.
 */
export class Spool {
  readonly #folder: SpoolFolder;
  readonly #untilDecided: boolean;
  readonly #turn = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #dropped = Promise.withResolvers<void>();
  readonly #live = new TransformStream<Bytes, Bytes>();
  readonly #writer = this.#live.writable.getWriter();
  #memory: Bytes[] = [];
  #memoryBytes = 0;
  #file: SpoolFile | undefined;
  /** The write to the file that is under way. */
  #writing: Promise<void> = Promise.resolve();
  /** The number of the attempt that may write. */
  #attempt = 0;
  #state: "holding" | "live" | "dropped" = "holding";

  constructor(folder: SpoolFolder, untilDecided: boolean) {
    this.#folder = folder;
    this.#untilDecided = untilDecided;
  }

  /** Returns the sink of an attempt. It discards bytes that arrive after the attempt has ended. */
  sink(): OpenSink {
    const attempt = ++this.#attempt;
    return callSink((chunk) => attempt === this.#attempt ? this.#write(chunk) : undefined);
  }

  async #write(chunk: Bytes): Promise<void> {
    if (this.#state === "holding") {
      if (this.#fits(chunk)) return await (this.#writing = this.#hold(chunk));
      await this.#turn.promise;
    }
    if (this.#state !== "live") return;
    await Promise.race([this.#writer.write(chunk), this.#dropped.promise]);
  }

  #fits(chunk: Bytes): boolean {
    const held = this.#memoryBytes + (this.#file?.size ?? 0);
    return this.#untilDecided || held === 0 || held + chunk.length <= HELD_BYTES;
  }

  async #hold(chunk: Bytes): Promise<void> {
    if (this.#file === undefined && this.#memoryBytes + chunk.length <= MEMORY_BYTES) {
      this.#memory.push(chunk.slice()); // it may be a small part of a large buffer
      this.#memoryBytes += chunk.length;
      return;
    }
    this.#file ??= await this.#folder.create();
    await this.#file.append(chunk);
  }

  /** Discards the buffer, for another attempt. */
  async restart(): Promise<void> {
    this.#attempt++;
    await this.#writing.catch(() => {});
    [this.#memory, this.#memoryBytes] = [[], 0];
    await this.#file?.[Symbol.asyncDispose]();
    this.#file = undefined;
  }

  /** Ends the output. */
  async end(): Promise<void> {
    this.#attempt++;
    await this.#writing.catch(() => {});
    this.#file?.closeWriter();
    this.#ended.resolve();
    this.#writer.close().catch(() => {}); // the reader may be gone
  }

  /** Discards further output, so that the item does not wait for a reader. */
  drop(): void {
    this.#state = "dropped";
    this.#turn.resolve();
    this.#dropped.resolve();
  }

  /** Starts the turn: yields the buffer, then further output until it ends. */
  async *read(): AsyncGenerator<Bytes> {
    if (this.#untilDecided) await this.#ended.promise;
    if (this.#state === "holding") this.#state = "live";
    this.#turn.resolve();
    await this.#writing.catch(() => {});
    yield* this.#memory;
    if (this.#file !== undefined) yield* this.#file.read();
    yield* this.#live.readable;
    await this.restart();
  }
}
