// Watching a run in the name of the command line: a live view on a terminal, a trace, a report, spans.

import { messageOf, UsageError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { RunObserver } from "../../model/run_observer.ts";
import type { RunOptions } from "../../model/run_options.ts";
import { isRecorded, type ObserveFlags } from "../flags/observe_flags.ts";

/** Who watches a run. Disposing it writes what is to be written; that it cannot be is told on stderr. */
export interface Watching extends AsyncDisposable {
  /** What the run is to be given. */
  readonly options: Pick<RunOptions, "observer" | "stderr">;
}

/** Which of our own streams the commands of a run hold. */
export interface HeldStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  /** Whether it has a line of its own on the terminal, which tells how many items are done. */
  readonly isCounted?: boolean;
}

/** Those that the ends of a plan are. */
export function heldStreams({ source, sink }: Pick<Plan, "source" | "sink">): HeldStreams {
  const isCounted = source.type === "each";
  return { stdin: source.type === "stdin", stdout: sink.type === "stdout", isCounted };
}

/** Nobody hears anything; but then nobody else has to tell of it either. */
const SILENCE: RunObserver = { begin: () => ({ event() {}, end() {} }) };

/**
 * Begins to watch.
 *
 * @throws {UsageError} if there is one file for two things. @throws {Error} if a file cannot be written.
 */
export async function watchRun(flags: ObserveFlags, held: HeldStreams): Promise<Watching> {
  const { trace, report, quiet, verbose } = flags;
  if (trace !== undefined && trace === report) {
    throw new UsageError("Cannot write trace and report as they are one file");
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
  // A report has the end of each stderr, and a view is not to be written into.
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

/** Whose the terminal is on which a view can be shown; `undefined` if there is none. */
function placeOfView(
  { stdin, stdout, isCounted }: HeldStreams,
): "shared" | "ours" | undefined {
  if (isCounted === true) return undefined;
  if (!Deno.stderr.isTerminal() || Deno.env.get("TERM") === "dumb") return undefined;
  const isShared = stdin && Deno.stdin.isTerminal() || stdout && Deno.stdout.isTerminal();
  return isShared ? "shared" : "ours";
}

/** Says it on stderr. */
function onPhase(error: unknown): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`execvm: ${messageOf(error)}\n`));
}
