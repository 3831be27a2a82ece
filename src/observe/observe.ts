// Watching runs for a trace, a report and spans: the public face of this folder.

import type { RunObserver } from "../model/run_observer.ts";
import { openOutputFile } from "./output_file.ts";
import { recordRuns, type RunSpan } from "./timeline.ts";

/** Where what happened is to be written. */
export interface ObserveOptions {
  /** A file for a trace in Chrome's format, which Perfetto shows. */
  readonly trace?: string;
  /** A file for a report: one page of HTML that needs nothing else. */
  readonly report?: string;
}

/** Watches all runs that it is given to as `observer`. Disposing it writes the files. */
export interface Observation extends RunObserver, AsyncDisposable {}

/**
 * Watches runs, and writes what happened once it is disposed: a trace, a report, or both. With `OTEL_DENO=true`
 * each run, its stages and their phases are also spans of OpenTelemetry, which Deno sends. A file has what was
 * there before until then.
 *
 * @throws {Error} if a file cannot be written, which is known before anything runs.
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
export async function observe({ trace, report }: ObserveOptions = {}): Promise<Observation> {
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
  const owned = opened.move();
  const { begin } = recordRuns((run) => {
    runs.push(run);
    emitSpans?.(run);
  });
  return {
    begin,
    async [Symbol.asyncDispose]() {
      await using _owned = owned;
      for (const write of writers.splice(0)) await write(runs);
    },
  };
}

/** Whether Deno sends spans, as `OTEL_DENO=true` has it do. */
export function sendsSpans(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "OTEL_DENO" });
  return state === "granted" && ["true", "1"].includes(Deno.env.get("OTEL_DENO") ?? "");
}
