import assert from "node:assert/strict";
import { Refusal } from "../../src/mcp/policy.ts";
import { RunQueue } from "../../src/mcp/run_queue.ts";

const never = new AbortController().signal;

/** A call in a queue: what it was told of its place, and whether it may run. */
function enter(queue: RunQueue, signal = never) {
  const places: number[] = [];
  const turn = queue.enter(signal, (ahead) => void places.push(ahead));
  return { places, turn };
}

Deno.test("a queue lets calls beyond its runs wait, and start in their order", async () => {
  const queue = new RunQueue({ maxRuns: 1, maxQueue: 2 });
  const first = await enter(queue).turn;
  const second = enter(queue);
  const third = enter(queue);
  first[Symbol.dispose]();
  const running = await second.turn;
  assert.deepEqual([second.places, third.places], [[0], [1, 0]]);
  running[Symbol.dispose]();
  (await third.turn)[Symbol.dispose]();
  assert.deepEqual(enter(queue).places, []);
});

Deno.test("a full queue refuses a call", async () => {
  const queue = new RunQueue({ maxRuns: 1, maxQueue: 1 });
  using _first = await enter(queue).turn;
  const leave = new AbortController();
  const waiting = enter(queue, leave.signal);
  await assert.rejects(enter(queue).turn, (error) => {
    assert.ok(error instanceof Refusal);
    assert.match(error.message, /^cannot run this now: 1 run and 1 wait: call again later$/);
    return true;
  });
  leave.abort("gone");
  await assert.rejects(waiting.turn, (reason) => reason === "gone");
});

Deno.test("a queue of length 0 refuses what cannot run at once", async () => {
  const queue = new RunQueue({ maxRuns: 1, maxQueue: 0 });
  using _first = await enter(queue).turn;
  await assert.rejects(enter(queue).turn, /^Refusal: cannot run this now: 1 run: call again/);
});

Deno.test("a call that is cancelled leaves the queue, and those behind it move up", async () => {
  const queue = new RunQueue({ maxRuns: 1, maxQueue: 2 });
  const first = await enter(queue).turn;
  const leave = new AbortController();
  const second = enter(queue, leave.signal);
  const third = enter(queue);
  leave.abort("gone");
  await assert.rejects(second.turn, (reason) => reason === "gone");
  assert.deepEqual(third.places, [1, 0]);
  first[Symbol.dispose]();
  (await third.turn)[Symbol.dispose]();
});

Deno.test("a call that is cancelled does not enter", async () => {
  const queue = new RunQueue({ maxRuns: 1, maxQueue: 1 });
  await assert.rejects(enter(queue, AbortSignal.abort("gone")).turn, (reason) => reason === "gone");
  (await enter(queue).turn)[Symbol.dispose]();
});

Deno.test("a run that is disposed twice makes one place free", async () => {
  const queue = new RunQueue({ maxRuns: 1, maxQueue: 0 });
  const first = await enter(queue).turn;
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  using _second = await enter(queue).turn;
  await assert.rejects(enter(queue).turn, Refusal);
});
