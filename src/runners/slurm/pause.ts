// Waits for some time, or until something else ends the wait.

/** Resolves after `ms` milliseconds, or when `ended` does. @throws what `ended` rejects with. */
export async function pause(ms: number, ended: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([late, ended]);
  clearTimeout(timer);
}
