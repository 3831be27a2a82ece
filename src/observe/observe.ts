// Observes runs and writes a trace, a report and spans: the entry point of this folder.

import type { RunObserver } from "../model/run_observer.ts";
import { joinObservers } from "./joined_observers.ts";
import { openOutputFile } from "./output_file.ts";
import { recordRuns, type RunSpan } from "./timeline.ts";

/** The files that `observe` writes, and whether it shows runs. */
export interface ObserveOptions {
  /**
   * Whether to show running stages, and the items of fan-outs, on the terminal that is the stderr of
   * this process, as the command line does. Nothing is shown if stderr is not a terminal, in the
   * first second, and once a command may write to the terminal itself.
   *
   * @default false
   */
  readonly live?: boolean;
  /** Path of a trace in Chrome's format, which Perfetto displays. @default none */
  readonly trace?: string;
  /** Path of a report: a self-contained HTML page. @default none */
  readonly report?: string;
}

/** Observes all runs that have it as `observer`. Disposing it writes the files. */
export interface Observation extends RunObserver, AsyncDisposable {}

/**
 * Returns an observer of runs, for the option `observer`. When the caller disposes it, it writes a
 * trace, a report, or both; until then the files keep their old contents. With `live` it shows what
 * runs meanwhile, on a terminal. With `OTEL_DENO=true`
 * each run, its stages and their phases are also OpenTelemetry spans, which Deno exports.
 *
 * @param options the files to write, and whether to show runs
 * @throws {Error} if a file cannot be written; this is checked before anything runs.
 *
 * @example
 * ```ts
 * import { cmd, observe } from "@execvm/execvm";
 *
 * const folder = Deno.makeTempDirSync();
 * await using observer = await observe({ trace: `${folder}/trace.json` });
 * await cmd("sort", "README.md").pipe(cmd("uniq", "-c")).text({ observer });
 * ```
 */
export async function observe(
  { trace, report, live = false }: ObserveOptions = {},
): Promise<Observation> {
  const runs: RunSpan[] = [];
  const writers: ((runs: readonly RunSpan[]) => Promise<void>)[] = [];
  await using opened = new AsyncDisposableStack(); // what is open if the second one fails
  if (trace !== undefined) {
    const { toTrace } = await import("./trace.ts");
    const file = opened.use(await openOutputFile(trace));
    writers.push((runs) => file.write(`${JSON.stringify(toTrace(runs))}\n`));
  }
  if (report !== undefined) {
    const { toReport } = await import("./report.ts");
    const file = opened.use(await openOutputFile(report));
    writers.push((runs) => file.write(toReport(runs)));
  }
  const { emitSpans } = sendsSpans() ? await import("./spans.ts") : { emitSpans: undefined };
  const recorder = recordRuns((run) => {
    runs.push(run);
    emitSpans?.(run);
  });
  const shown = live ? await openView() : undefined;
  if (shown !== undefined) opened.use(shown);
  const owned = opened.move();
  const { begin } = shown === undefined ? recorder : joinObservers([recorder, shown]);
  return {
    begin,
    async [Symbol.asyncDispose]() {
      await using _owned = owned;
      for (const write of writers.splice(0)) await write(runs);
    },
  };
}

/** Returns the live view; `undefined` if stderr cannot show one. */
async function openView() {
  const { canShowView, LiveRuns } = await import("./live_runs.ts");
  return canShowView() ? new LiveRuns() : undefined;
}

/** Returns whether Deno exports spans, which `OTEL_DENO=true` enables. */
export function sendsSpans(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "OTEL_DENO" });
  return state === "granted" && ["true", "1"].includes(Deno.env.get("OTEL_DENO") ?? "");
}
