// Fetching from a server that may fall silent.

import { pullStream } from "../archive/pull_stream.ts";

/** How long a server may say nothing, be it before its answer or in the middle of it. */
export const SILENCE_LIMIT_MS = 60_000;

/**
 * As `fetch`, but fails when nothing comes for a minute. The body, if any, must be read or cancelled.
 *
 * @throws {Error} if the server cannot be reached or says nothing, here and from the body.
 * @throws the reason of `signal`, here and from the body.
 */
export async function fetchWithin(
  url: URL,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const silence = new SilenceLimit();
  const either = AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]);
  try {
    const response = await fetch(url, { ...init, signal: either });
    silence.stop();
    if (response.body === null) return response;
    const reader = response.body.getReader();
    const body = pullStream(heard(reader, silence), (reason) => reader.cancel(reason));
    return new Response(body, response);
  } catch (error) {
    silence.stop();
    throw error;
  }
}

class SilenceLimit {
  readonly #aborter = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  restart(): void {
    this.stop();
    const reason = new Error(`it has said nothing for ${SILENCE_LIMIT_MS / 1000} s`);
    this.#timer = setTimeout(() => this.#aborter.abort(reason), SILENCE_LIMIT_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

async function* heard(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  silence: SilenceLimit,
): AsyncGenerator<Uint8Array> {
  try {
    while (true) {
      silence.restart(); // the reader may have taken its time
      const { done, value } = await reader.read();
      silence.stop();
      if (done) return;
      yield value;
    }
  } finally {
    silence.stop();
  }
}
