/** Lets timers, signals and I/O run between pieces of synchronous work. */
import { setImmediate } from "node:timers";

/** Resolves after one turn of the event loop; an `await` alone runs only other microtasks. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => resolve()));
}
