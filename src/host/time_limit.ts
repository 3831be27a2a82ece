// Time limits for promises.

/** Waits for `promise`, at most `limitMs`; returns `undefined` if it takes longer. */
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

/** A time limit was reached. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/**
 * Starts a time limit: `reached` rejects after `limitMs` with a {@linkcode TimeLimitError}, or when
 * `signal` is aborted, unless disposed first.
 */
export function timeLimit(
  limitMs: number,
  message: string,
  signal?: AbortSignal,
): { readonly reached: Promise<never> } & Disposable {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const timer = setTimeout(() => reject(new TimeLimitError(message)), limitMs);
  const abort = () => reject(new Error("it was stopped before it was ready"));
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
