// Counts the bytes of a stream that passes through JS, and reports how it ended.

type Bytes = Uint8Array;

/** The error of a stream whose own failure has already been reported. */
export class UpstreamFailed extends Error {
  override readonly name = "UpstreamFailed";
}

/** The bytes that have passed an edge; `undefined` while JS does not see them. */
export interface Counter {
  bytes?: number;
}

/** The callbacks for the end of a stream. */
export interface TapListener {
  /** Called at EOF, when the stream was cancelled, and after any failure. */
  readonly onEnd?: () => void;
  /** Called if the stream failed by itself, not because of an upstream failure. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Returns the same stream, counted and observed. If `readable` fails, the returned stream fails
 * with {@linkcode UpstreamFailed}.
 */
export function tap(
  readable: ReadableStream<Bytes>,
  counter: Counter,
  { onEnd, onFailure }: TapListener = {},
): ReadableStream<Bytes> {
  const reader = readable.getReader();
  let cancelled = false;
  counter.bytes = 0;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (cancelled) return;
        if (!done) {
          counter.bytes = (counter.bytes ?? 0) + value.length;
          return controller.enqueue(value);
        }
        controller.close();
      } catch (error) {
        if (!(error instanceof UpstreamFailed)) onFailure?.(error);
        controller.error(new UpstreamFailed("The source of this stream failed", { cause: error }));
      }
      onEnd?.();
    },
    cancel(reason) {
      cancelled = true;
      onEnd?.();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
