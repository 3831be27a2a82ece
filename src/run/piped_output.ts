// Hands the output of a running pipeline to its user, with back-pressure.

import { LineReader } from "../io/line_reader.ts";
import type { OpenSink } from "../io/sink.ts";
import type { LineIterator, OutputStream } from "../model/running_pipeline.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How many bytes may wait to be read before the pipeline is held back. */
const HELD_BYTES = 1 << 20;

/** How many more may wait once commands have to end: what their pipes can still contain. */
const LAST_BYTES = 16 << 20;

/** The stream that the user reads. */
class PipedStream extends ReadableStream<Bytes> implements OutputStream {
  readonly #discard: () => void;

  constructor(source: UnderlyingDefaultSource<Bytes>, discard: () => void) {
    super(source, new ByteLengthQueuingStrategy({ highWaterMark: HELD_BYTES }));
    this.#discard = discard;
  }

  lines(): LineIterator {
    if (this.locked) throw new TypeError("cannot read lines: the stream is already being read");
    return new LineReader(this, this.#discard);
  }
}

/** An output whose bytes are written by the pipeline and read by its user. */
export class PipedOutput {
  /** What the user reads. */
  readonly stream: OutputStream;
  readonly #controller: ReadableStreamDefaultController<Bytes>;
  /** `cancelled` by the user, `discarding` what is written, or `ended` by the pipeline. */
  #state: "open" | "cancelled" | "discarding" | "ended" = "open";
  #extraBytes = 0;
  /** Resolves when the stream has room, or its state has changed. */
  #moved = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<false>();

  constructor() {
    let controller: ReadableStreamDefaultController<Bytes>;
    this.stream = new PipedStream({
      start: (its) => void (controller = its),
      pull: () => this.#move(),
      cancel: () => this.#cancel(),
    }, () => this.discard());
    this.#controller = controller!;
  }

  /** Resolves to `false` once the user has cancelled the stream. */
  get left(): Promise<false> {
    return this.#left.promise;
  }

  /**
   * Writes a chunk, and waits until there is room for more, or none is needed.
   *
   * @returns `false` if the user has cancelled the stream
   */
  async write(chunk: Uint8Array): Promise<boolean> {
    if (this.#state === "open" && chunk.length > 0) this.#controller.enqueue(chunk as Bytes);
    while (this.#state === "open" && this.#isFull()) await this.#moved.promise;
    return this.#state !== "cancelled";
  }

  /** Discards what is written from now on. */
  discard(): void {
    if (this.#state === "open") this.#state = "discarding";
    this.#move();
  }

  /** Lets what commands have already written come through unread, so that they can end. */
  makeRoom(): void {
    this.#extraBytes = LAST_BYTES;
    this.#move();
  }

  /** Ends the stream: what waits to be read remains, unless there is an error. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#state === "ended" || this.#state === "cancelled") return;
    const wasOpen = this.#state === "open";
    this.#state = "ended";
    this.#move();
    if (failure === undefined) this.#controller.close();
    else if (wasOpen) this.#controller.error(failure.error);
  }

  #isFull(): boolean {
    return (this.#controller.desiredSize ?? 1) + this.#extraBytes <= 0;
  }

  #cancel(): void {
    if (this.#state === "open") this.#state = "cancelled";
    this.#left.resolve(false);
    this.#move();
  }

  #move(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }
}

/** Returns a sink that writes to `output` until the user cancels it. */
export function pipedSink(output: PipedOutput): OpenSink {
  return {
    async consume(readable, signal) {
      const reader = readable.getReader();
      const giveUp = () => void reader.cancel().catch(() => {});
      signal.addEventListener("abort", giveUp, { once: true });
      output.left.then(giveUp);
      for (let isRead = true; isRead;) {
        const { done, value } = await reader.read();
        if (done) return signal.aborted ? undefined : output.end();
        isRead = await output.write(value);
      }
    },
    commit: async () => {},
    abort: async () => {},
    [Symbol.dispose]() {},
  };
}
