// Joins several observers into one.

import type { RunObserver } from "../model/run_observer.ts";

/** Returns an observer that passes each event to all of them. */
export function joinObservers(observers: readonly RunObserver[]): RunObserver {
  return {
    begin(outline, bytesNow) {
      const watches = observers.map((observer) => observer.begin(outline, bytesNow));
      return {
        event: (event) => watches.forEach((watch) => watch.event(event)),
        end: (end) => watches.forEach((watch) => watch.end(end)),
      };
    },
  };
}
