// Watching a stream that passes through JS: how many bytes, and how it ended.

type Bytes = Uint8Array;

/** What a stream fails with once its failure has been reported where it arose. */
export class UpstreamFailed extends Error {
  override readonly name = "UpstreamFailed";
}

/** Bytes that have passed an edge, once JS sees them. */
export interface Counter {
  bytes?: number;
}

/** Who wants to know how a stream ended; one of them is called, once. */
export interface TapListener {
  /** It came to its end, or nobody wanted more, or what feeds it had failed. */
  readonly onEnd?: () => void;
  /** It failed by itself. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * The same stream, counted and listened to. If `readable` fails, whoever reads on gets an
 * {@linkcode UpstreamFailed}.
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
        controller.error(new UpstreamFailed("What feeds this stream failed", { cause: error }));
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
