// Limits of time.

/** Waits for `promise`, but not longer than `limitMs`: then it gives `undefined`. */
export async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Time is over. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/**
 * A limit that runs from now on: `reached` rejects when it is over or `signal` is aborted, unless disposed
 * before.
 */
export function timeLimit(
  limitMs: number,
  message: string,
  signal?: AbortSignal,
): { readonly reached: Promise<never> } & Disposable {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const timer = setTimeout(() => reject(new TimeLimitError(message)), limitMs);
  const abort = () => reject(new Error("it was ended before it was ready"));
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  return {
    reached: promise,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}
