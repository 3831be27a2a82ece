// The live view of a program: a view for the time that any of its runs takes.

import type { RunObserver, RunOutline, RunWatch } from "../model/run_observer.ts";
import type { StageBytes } from "../model/result.ts";
import type { LiveView } from "./live_view.ts";
import { ownLiveView } from "./own_terminal.ts";

/** Returns whether stderr is a terminal that can show a view. */
export function canShowView(): boolean {
  return Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb";
}

/** Shows running pipelines on the terminal that is our stderr. Disposing it removes the view. */
export class LiveRuns implements RunObserver, Disposable {
  #view: LiveView | undefined;
  #running = 0;

  begin(outline: RunOutline, bytesNow: () => readonly StageBytes[]): RunWatch {
    const view = this.#view ??= ownLiveView(placeOf);
    const watch = view.begin(outline, bytesNow);
    this.#running++;
    return {
      event: (event) => watch.event(event),
      end: (end) => {
        watch.end(end);
        this.#running--;
        if (this.#running === 0) this[Symbol.dispose]();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#view?.[Symbol.dispose]();
    this.#view = undefined;
  }
}

/** Returns whether commands of a run use the terminal themselves. */
function placeOf({ source, sink, items = [] }: RunOutline): "shared" | "ours" {
  const isShared = source === "stdin()" && Deno.stdin.isTerminal() ||
    sink === "stdout()" && Deno.stdout.isTerminal();
  return isShared || items.some((item) => placeOf(item) === "shared") ? "shared" : "ours";
}
