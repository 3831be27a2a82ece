// Several things at once, so many at a time.

/** Something to do. */
export interface Job<T> {
  /** Jobs of the same key are never done at the same time. */
  readonly key: string;
  run(): Promise<T>;
}

/** Does all jobs, `lanes` of them at a time, the first ones first; what they give, in the order of the jobs. */
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

/** How many test processes a machine is given at once: one a processor, and not more than four. */
export function defaultLanes(): number {
  return Math.min(4, navigator.hardwareConcurrency);
}

/** The number of lanes that was asked for. @throws {Error} if it is not a number from 1 on. */
export function parseLanes(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new Error(`cannot run tests in ${text} lanes: that is not a number from 1 to 99`);
}
