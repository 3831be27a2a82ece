/** Lets timers, signals and I/O run between pieces of synchronous work. */
import { setImmediate } from "node:timers";

/** Resolves after the event loop went round once; an `await` alone runs nothing but other promises. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => resolve()));
}
