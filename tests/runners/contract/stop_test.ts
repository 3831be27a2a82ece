// Tests how a pipeline is ended: which signals its processes get, in which order, and when.

import assert from "node:assert/strict";
import type { SignalName } from "../../../src/libc/signals.ts";
import type { ExitStatus, Running } from "../../../src/runners/contract/runner.ts";
import { Stop } from "../../../src/runners/contract/stop.ts";

/** Makes a process that only records the signals that it gets. */
function noting(): Running & { readonly signals: readonly SignalName[] } {
  const signals: SignalName[] = [];
  return {
    signals,
    exited: new Promise<ExitStatus>(() => {}),
    kill: (signal) => void signals.push(signal),
    async [Symbol.asyncDispose]() {},
  };
}

/** Replaces timers by ones that fire on demand. Disposing it restores the runtime's. */
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

Deno.test("stop() sends SIGTERM, continues stopped processes, and kills what is left after a second", () => {
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

Deno.test("after stop(), finish() cuts the grace period short and kills what is left at once", () => {
  using timers = heldTimers();
  const stop = new Stop({});
  const running = noting();
  stop.add(running);
  stop.stop(new Error("why"));
  stop.finish();
  assert.equal(timers.waiting.size, 0);
  assert.deepEqual(running.signals, ["SIGTERM", "SIGCONT", "SIGKILL"]);
});

Deno.test("without stop(), finish() sends no signal", () => {
  const stop = new Stop({});
  const running = noting();
  stop.add(running);
  stop.finish();
  assert.deepEqual(running.signals, []);
});

Deno.test("a process that is added after stop() is killed at once", () => {
  using _timers = heldTimers();
  using stop = new Stop({});
  stop.stop(new Error("why"));
  const running = noting();
  stop.add(running);
  assert.deepEqual(running.signals, ["SIGKILL"]);
});

Deno.test("a time limit ends everything, and is distinguished from other reasons", () => {
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

Deno.test("send() sends any signal, and only SIGTERM starts the grace period", () => {
  using timers = heldTimers();
  using stop = new Stop({});
  const running = noting();
  stop.add(running);
  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1"] as const) void stop.send(signal);
  assert.equal(timers.waiting.size, 0);
  void stop.send("SIGTERM");
  assert.deepEqual([...timers.waiting.values()].map(({ ms }) => ms), [10_000]);
  timers.fireAll();
  const sent = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGTERM", "SIGKILL"];
  assert.deepEqual(running.signals, sent);
  stop.throwIfStopped(); // the commands' own status counts
});

Deno.test("send() returns undefined while nothing runs", () => {
  using stop = new Stop({});
  assert.equal(stop.send("SIGINT"), undefined);
});

Deno.test("a process that starts later gets the signals sent before", () => {
  using stop = new Stop({});
  stop.add(noting());
  void stop.send("SIGHUP");
  void stop.send("SIGWINCH");
  const late = noting();
  stop.add(late);
  assert.deepEqual(late.signals, ["SIGHUP"]);
});

Deno.test("a signal that our terminal sent to our group is not sent again to its members", () => {
  using stop = new Stop({});
  const ours = { ...noting(), hearsTerminal: true };
  const other = noting();
  stop.add(ours);
  stop.add(other);
  void stop.send("SIGINT", "terminal");
  assert.deepEqual([ours.signals, other.signals], [[], ["SIGINT"]]);
});

Deno.test("killAfterMs is the time from the time limit to SIGKILL", () => {
  using timers = heldTimers();
  using stop = new Stop({ timeoutMs: 50, killAfterMs: 70 });
  stop.add(noting());
  [...timers.waiting.values()][0]!.fire();
  assert.deepEqual([...timers.waiting.values()].map(({ ms }) => ms), [50, 70]);
});
