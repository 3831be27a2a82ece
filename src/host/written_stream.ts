// A stream of what a program writes, which ends well only if the program does.

/**
 * Returns the stream of what `write` writes. It ends once `write` has succeeded, and fails as
 * `write` does. Cancelling it makes further writes fail, and waits until `write` is over.
 *
 * @param write called at once; its argument is closed or aborted by it, or left open
 */
export function writtenStream(
  write: (output: WritableStream<Uint8Array>) => Promise<void>,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  writer.closed.catch(() => {}); // the reader has the error
  const output = new WritableStream<Uint8Array>({
    write: (chunk) => writer.write(chunk),
    abort: (reason) => writer.abort(reason),
  });
  const over = write(output).then(() => writer.close(), (error) => writer.abort(error))
    .catch(() => {}); // its reader has gone
  const reader = readable.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      await reader.cancel(reason);
      await over;
    },
  }, { highWaterMark: 0 });
}
