// Named pipes as sources and sinks. Opening one waits for its other end, which may never come; that
// wait has to end with the run.

import { type Fd, openFifoForReading } from "../libc/fd.ts";
import { readWaiting } from "../libc/fd_streams.ts";
import { findLibc } from "../libc/libc.ts";

/** Reads a named pipe, from the first read on. Cancelling ends also the wait for its writer. */
export function readFifo(path: string): ReadableStream<Uint8Array> {
  return findLibc() === undefined ? readByDeno(path) : readByPolling(openFifoForReading(path));
}

/** @param fd owned */
function readByPolling(fd: Fd): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const chunk = await readWaiting(fd);
      if (chunk !== undefined) return controller.enqueue(chunk);
      fd.close();
      controller.close();
    },
    cancel: () => fd.close(),
  }, { highWaterMark: 0 });
}

function readByDeno(path: string): ReadableStream<Uint8Array> {
  const aborter = new AbortController();
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream({
    async pull(controller) {
      reader ??= (await openFifo(path, { read: true }, aborter.signal)).readable.getReader();
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      aborter.abort(reason);
      await reader?.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

/**
 * Opens a named pipe, and waits for its other end until `signal` is aborted.
 *
 * @returns the file, owned
 * @throws {unknown} the reason of `signal`.
 */
export async function openFifo(
  path: string,
  options: Deno.OpenOptions,
  signal: AbortSignal,
): Promise<Deno.FsFile> {
  signal.throwIfAborted();
  let both: Deno.FsFile | undefined;
  // Has both ends, so that opening it does not wait, and ends the wait for either.
  const release = () => both = Deno.openSync(path, { read: true, write: true });
  signal.addEventListener("abort", release);
  try {
    const file = await Deno.open(path, options);
    if (!signal.aborted) return file;
    file.close();
    throw signal.reason;
  } finally {
    signal.removeEventListener("abort", release);
    both?.close();
  }
}
