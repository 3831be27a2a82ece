// Runs one job of one contender repeatedly in this process, and reports its times and memory as
// JSON.
//
//   child.ts CONTENDER JOB ARG WARMUPS COUNT

import type { Jobs } from "./contenders/jobs.ts";

/** The report of the process. */
export interface ChildReport {
  /** The first call, in which libraries are loaded and caches filled. */
  readonly firstMs: number;
  /** The mean of the calls after the warm-up. */
  readonly meanMs: number;
  /** All different outputs of the job. */
  readonly outputs: readonly string[];
  /** The peak memory of the process, from /proc. */
  readonly peakMib: number;
}

if (import.meta.main) {
  const [contender, job, arg, warmups, count] = Deno.args as [
    string,
    string,
    string,
    string,
    string,
  ];
  const { jobs }: { jobs: Jobs } = await import(`./contenders/${contender}.ts`);
  const report = await repeat(() => jobs[job]!(arg), Number(warmups), Number(count));
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(report)));
  Deno.exit(); // even if a contender left something running
}

async function repeat(
  call: () => Promise<string>,
  warmups: number,
  count: number,
): Promise<ChildReport> {
  const outputs = new Set<string>();
  const times: number[] = [];
  for (let index = 0; index < warmups + count; index++) {
    const started = performance.now();
    outputs.add(await call());
    times.push(performance.now() - started);
  }
  const meanMs = times.slice(warmups).reduce((sum, ms) => sum + ms, 0) / count;
  return { firstMs: times[0]!, meanMs, outputs: [...outputs], peakMib: peakMib() };
}

function peakMib(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)![1]) / 1024;
}
