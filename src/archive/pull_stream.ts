/** A generator of chunks as a stream that asks for the next chunk only when it is read. */

/**
 * A stream that holds no chunk in advance, so that a slow reader stops the generator.
 *
 * Cancelling calls `onCancel` first, which is to end what the generator may wait for, then ends the
 * generator and waits for its `finally` blocks.
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
      // The reader has gone: nobody is left to hear of a failure.
      await chunks.return(undefined).catch(() => {});
    },
  }, { highWaterMark: 0 });
}
