// Fetches with a limit on how long the server may send nothing.

import { pullStream } from "../archive/pull_stream.ts";

/** Options of a fetch. */
export interface FetchWithinOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * How long the server may send nothing, before or within its answer, in milliseconds.
   *
   * @default a minute
   */
  readonly silenceMs?: number;
}

/**
 * Like `fetch`, but fails if the server sends nothing for too long. The body, if any, must be read
 * or cancelled.
 *
 * @throws {Error} if the server cannot be reached or goes silent; also from the body.
 * @throws the reason of `signal`; also from the body.
 */
export async function fetchWithin(
  url: URL,
  init: RequestInit,
  { signal, silenceMs = 60_000 }: FetchWithinOptions = {},
): Promise<Response> {
  const silence = new SilenceLimit(silenceMs);
  const either = AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]);
  try {
    const response = await fetch(url, { ...init, signal: either });
    silence.stop();
    if (response.body === null) return response;
    const reader = response.body.getReader();
    // Deno 2.9.6 forgets the signal of a body once its Response is collected as garbage.
    either.addEventListener("abort", () => reader.cancel(either.reason).catch(() => {}));
    const chunks = heard(reader, silence, either);
    const body = pullStream(chunks, (reason) => reader.cancel(reason));
    return new Response(body, response);
  } catch (error) {
    silence.stop();
    throw error;
  }
}

class SilenceLimit {
  readonly #aborter = new AbortController();
  readonly #limitMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  restart(): void {
    this.stop();
    const reason = new Error(`it sent nothing for ${this.#limitMs / 1000} s`);
    this.#timer = setTimeout(() => this.#aborter.abort(reason), this.#limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

async function* heard(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  silence: SilenceLimit,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    while (true) {
      silence.restart(); // the consumer may have been slow
      const { done, value } = await reader.read();
      silence.stop();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    silence.stop();
  }
}
