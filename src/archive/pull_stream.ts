/** Turns a generator of chunks into a stream without read-ahead. */

/**
 * Makes a stream that requests a chunk only when it is read, so that a slow reader stops the
 * generator.
 *
 * Cancelling calls `onCancel` first, which must end whatever the generator may be waiting for, then
 * ends the generator and waits for its `finally` blocks.
 */
export function pullStream(
  chunks: AsyncGenerator<Uint8Array>,
  onCancel: (reason: unknown) => Promise<void> | void = () => {},
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      await onCancel(reason);
      // The reader has gone, so there is nothing to report a failure to.
      await chunks.return(undefined).catch(() => {});
    },
  }, { highWaterMark: 0 });
}
