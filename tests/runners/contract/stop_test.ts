// Ending a pipeline: which signals its processes get, in which order, and when.

import assert from "node:assert/strict";
import type { SignalName } from "../../../src/libc/signals.ts";
import type { ExitStatus, Running } from "../../../src/runners/contract/runner.ts";
import { Stop } from "../../../src/runners/contract/stop.ts";

/** A process that only notes the signals it gets. */
function noting(): Running & { readonly signals: readonly SignalName[] } {
  const signals: SignalName[] = [];
  return {
    signals,
    exited: new Promise<ExitStatus>(() => {}),
    kill: (signal) => void signals.push(signal),
    async [Symbol.asyncDispose]() {},
  };
}

/** Timers that run when they are told to. Disposing it puts back those of the runtime. */
function heldTimers() {
  const original = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const waiting = new Map<number, { readonly ms: number; readonly fire: () => void }>();
  let last = 0;
  Object.assign(globalThis, {
    setTimeout: (fire: () => void, ms: number) => {
      waiting.set(++last, { ms, fire });
      return last;
    },
    clearTimeout: (id: number) => void waiting.delete(id),
  });
  return {
    waiting,
    fireAll: () => [...waiting.values()].forEach(({ fire }) => fire()),
    [Symbol.dispose]: () => void Object.assign(globalThis, original),
  };
}

Deno.test("stop() sends SIGTERM, wakes what is stopped, and kills what is left after a second", () => {
  using timers = heldTimers();
  using stop = new Stop({});
  const running = noting();
  stop.add(running);
  stop.stop(new Error("why"));
  assert.deepEqual(running.signals, ["SIGTERM", "SIGCONT"]);
  assert.deepEqual([...timers.waiting.values()].map(({ ms }) => ms), [1000]);
  timers.fireAll();
  assert.deepEqual(running.signals, ["SIGTERM", "SIGCONT", "SIGKILL"]);
});

Deno.test("finish() takes the grace back, and kills at once what was stopped and is still there", () => {
  using timers = heldTimers();
  const stop = new Stop({});
  const running = noting();
  stop.add(running);
  stop.stop(new Error("why"));
  stop.finish();
  assert.equal(timers.waiting.size, 0);
  assert.deepEqual(running.signals, ["SIGTERM", "SIGCONT", "SIGKILL"]);
});

Deno.test("finish() sends nothing to what was not stopped", () => {
  const stop = new Stop({});
  const running = noting();
  stop.add(running);
  stop.finish();
  assert.deepEqual(running.signals, []);
});

Deno.test("a process that comes when all is ended is killed at once", () => {
  using _timers = heldTimers();
  using stop = new Stop({});
  stop.stop(new Error("why"));
  const running = noting();
  stop.add(running);
  assert.deepEqual(running.signals, ["SIGKILL"]);
});

Deno.test("a time limit ends all, and is told apart from other reasons", () => {
  using timers = heldTimers();
  using stop = new Stop({ timeoutMs: 50 });
  const running = noting();
  stop.add(running);
  assert.deepEqual([...timers.waiting.values()].map(({ ms }) => ms), [50]);
  timers.fireAll();
  assert.equal(stop.isTimeOver, true);
  assert.deepEqual(running.signals.slice(0, 2), ["SIGTERM", "SIGCONT"]);
  stop.throwIfStopped();
});
