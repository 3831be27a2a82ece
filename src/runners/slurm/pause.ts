// Waiting that something else can end.

/** Resolves after so many milliseconds, or once `ended` does. */
export async function pause(ms: number, ended: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([late, ended]);
  clearTimeout(timer);
}
