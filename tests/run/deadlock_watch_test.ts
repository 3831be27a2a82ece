// Distinguishes a fan-out whose items wait for the stage behind them from one that only waits.

import assert from "node:assert/strict";
import { cmd, each, local, type RunEvent, type RunnerError } from "../../mod.ts";
import { toPlan } from "../../src/model/plan.ts";
import { watchDeadlock } from "../../src/run/deadlock_watch.ts";
import { makeRunner, type Runner } from "../../src/runners/contract/runner.ts";

/** A runner whose commands queue for resources. */
function crowded(waitMs: number): Runner {
  const { argv, start } = local();
  const startTogether = () => assert.fail("nothing is to start");
  return makeRunner({ kind: "crowded", argv, start, startTogether, waitMs });
}

const item = (index: number, event: object): RunEvent =>
  ({ type: "item", index, of: 2, attempt: 1, event }) as RunEvent;
const begin = (index: number) => item(index, { type: "begin" });
const phase = (stage: number, phase: string): RunEvent => ({ type: "phase", stage, phase });
const itemPhase = (index: number, name: string) => item(index, phase(0, name));
const settled = (index: number) => item(index, { type: "settled", status: "succeeded" });

/**
 * The watch of a fan-out piped into a command on a crowded runner, and the reason why it was ended.
 */
function watched(waitMs: number, events: readonly RunEvent[]) {
  const plan = each([0, 1], () => cmd("true")).pipe(crowded(waitMs).cmd("sort")).plan();
  const { promise, resolve } = Promise.withResolvers<RunnerError>();
  const watch = watchDeadlock(plan, { stop: (reason) => resolve(reason as RunnerError) })!;
  events.forEach((event) => watch.event(event));
  return { watch, stopped: promise };
}

/** Events that lead to a deadlock. */
const STALLED = [
  phase(0, "running"),
  begin(0),
  itemPhase(0, "queued"),
  begin(1),
  itemPhase(1, "queued"),
];

Deno.test("a fan-out ends if all its items wait while a downstream command runs", async () => {
  const { watch, stopped } = watched(1, STALLED);
  using _watch = watch;
  const { name, message, runner } = await stopped;
  assert.deepEqual([name, runner], ["RunnerError", "crowded"]);
  assert.match(message, /^cannot run on crowded: for 1 ms all items have waited for resources/);
});

for (
  const [what, events] of [
    ["one item runs", [itemPhase(1, "running")]],
    ["one has only begun", [item(1, { type: "begin" })]],
    ["the command behind them has ended", [{ type: "end", stage: 0 } as RunEvent]],
    ["no item is left", [settled(0), settled(1)]],
  ] as const
) {
  Deno.test(`nothing is ended if ${what}`, async () => {
    const { watch, stopped } = watched(20, [...STALLED, ...events]);
    using _watch = watch;
    const later = new Promise((resolve) => setTimeout(resolve, 200, "nothing was ended"));
    assert.equal(await Promise.race([stopped, later]), "nothing was ended");
  });
}

Deno.test("no watch is made if no downstream stage can be waited for", () => {
  const stop = { stop: () => {} };
  const fanOut = each([0], () => crowded(1).cmd("true"));
  assert.equal(watchDeadlock(fanOut.pipe(cmd("sort")).plan(), stop), undefined);
  assert.equal(watchDeadlock(toPlan(crowded(1).cmd("true").description, local()), stop), undefined);
});
