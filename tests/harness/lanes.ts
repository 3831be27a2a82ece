// Runs jobs concurrently, up to a number at a time.

/** A job to run. */
export interface Job<T> {
  /** Jobs with the same key never run at the same time. */
  readonly key: string;
  run(): Promise<T>;
}

/**
 * Runs all jobs in order, `lanes` of them at a time; returns their results in the order of the
 * jobs.
 */
export async function inLanes<T>(jobs: readonly Job<T>[], lanes: number): Promise<T[]> {
  const left = [...jobs];
  const results = new Map<Job<T>, T>();
  const running = new Map<string, Promise<void>>();
  while (left.length > 0 || running.size > 0) {
    const next = running.size < lanes ? left.findIndex(({ key }) => !running.has(key)) : -1;
    if (next === -1) {
      await Promise.race(running.values());
      continue;
    }
    const [job] = left.splice(next, 1) as [Job<T>];
    const done = async () => {
      results.set(job, await job.run());
      running.delete(job.key);
    };
    running.set(job.key, done());
  }
  return jobs.map((job) => results.get(job)!);
}

/** Returns how many test processes a machine runs at once: one per processor, at most four. */
export function defaultLanes(): number {
  return Math.min(4, navigator.hardwareConcurrency);
}

/** Parses a number of lanes. @throws {Error} if it is not a number from 1 to 99. */
export function parseLanes(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new Error(`cannot run tests in ${text} lanes: that is not a number from 1 to 99`);
}
