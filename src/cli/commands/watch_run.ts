// Sets up the observers of a run for the command line: a live view on a terminal, a trace, a
// report, spans.

import { messageOf, UsageError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { RunObserver } from "../../model/run_observer.ts";
import type { RunOptions } from "../../model/run_options.ts";
import { isRecorded, type ObserveFlags } from "../flags/observe_flags.ts";

/**
 * The observation of a run. Disposing it writes the trace and report; a failure to do so is
 * reported on stderr.
 */
export interface Watching extends AsyncDisposable {
  /** The options to pass to the run. */
  readonly options: Pick<RunOptions, "observer" | "stderr">;
}

/** Which of our own streams the commands of a run use. */
export interface HeldStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
}

/** Returns the streams that the source and sink of a plan use. */
export function heldStreams({ source, sink }: Pick<Plan, "source" | "sink">): HeldStreams {
  return { stdin: source.type === "stdin", stdout: sink.type === "stdout" };
}

/**
 * An observer that ignores everything; having one also keeps the run from printing notices itself.
 */
const SILENCE: RunObserver = { begin: () => ({ event() {}, end() {} }) };

/**
 * Opens the observers that the flags and the terminal call for. The caller disposes the result
 * after the run.
 *
 * @param held the streams that the commands use, which decide whether a live view can be shown
 * @throws {UsageError} if trace and report are the same file.
 * @throws {Error} if a file cannot be written.
 */
export async function watchRun(flags: ObserveFlags, held: HeldStreams): Promise<Watching> {
  const { trace, report, quiet, verbose } = flags;
  if (trace !== undefined && trace === report) {
    throw new UsageError("cannot write trace and report: they are the same file");
  }
  if (quiet === true) (await import("../../vm/notices.ts")).tellNothing();
  await using opened = new AsyncDisposableStack();
  const observers: RunObserver[] = quiet === true ? [SILENCE] : [];
  if (isRecorded(flags)) {
    const { observe } = await import("../../observe/observe.ts");
    const files = {
      ...(trace !== undefined && { trace }),
      ...(report !== undefined && { report }),
    };
    const observation = await observe(files);
    opened.defer(async () => {
      try {
        await observation[Symbol.asyncDispose]();
      } catch (error) {
        onPhase(error); // the command has ended by now, and its status is what counts
      }
    });
    observers.push(observation);
  }
  const place = quiet === true || verbose === true ? undefined : placeOfView(held);
  if (place !== undefined) {
    const { ownLiveView } = await import("../../observe/own_terminal.ts");
    observers.push(opened.use(ownLiveView(place)));
  }
  // A report contains the end of each stderr, and a command must not write into a live view.
  const isForwarded = report !== undefined || place === "ours";
  const owned = opened.move();
  return {
    options: {
      stderr: isForwarded ? "forward" : "inherit",
      ...(observers.length > 0 && { observer: await join(observers) }),
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function join(observers: readonly RunObserver[]): Promise<RunObserver> {
  if (observers.length === 1) return observers[0]!;
  return (await import("../../observe/joined_observers.ts")).joinObservers(observers);
}

/**
 * Whether a live view shares the terminal with the commands; `undefined` if no view can be shown.
 */
function placeOfView(
  { stdin, stdout }: HeldStreams,
): "shared" | "ours" | undefined {
  if (!Deno.stderr.isTerminal() || Deno.env.get("TERM") === "dumb") return undefined;
  const isShared = stdin && Deno.stdin.isTerminal() || stdout && Deno.stdout.isTerminal();
  return isShared ? "shared" : "ours";
}

/** Reports an error on stderr. */
function onPhase(error: unknown): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`execvm: ${messageOf(error)}\n`));
}
