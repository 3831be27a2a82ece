import assert from "node:assert/strict";
import { SharedTask } from "../../../src/runners/remote/shared_task.ts";

const NEVER = new AbortController().signal;

Deno.test("all callers get the result of one run", async () => {
  const task = new SharedTask<number>();
  let works = 0;
  const work = () => Promise.resolve(++works);
  const results = [task.join(NEVER, work), task.join(NEVER, work)];
  assert.deepEqual(await Promise.all(results), [1, 1]);
  assert.equal(await task.join(NEVER, work), 1);
});

Deno.test("a failed task is run again", async () => {
  const task = new SharedTask<number>();
  await assert.rejects(task.join(NEVER, () => Promise.reject(new Error("no"))), /no/);
  assert.equal(await task.join(NEVER, () => Promise.resolve(2)), 2);
});

Deno.test("an aborted caller stops waiting, and the others go on", async () => {
  const task = new SharedTask<number>();
  const { promise, resolve } = Promise.withResolvers<number>();
  const aborter = new AbortController();
  let signal: AbortSignal | undefined;
  const first = task.join(aborter.signal, (given) => (signal = given, promise));
  const second = task.join(NEVER, () => Promise.resolve(2));
  aborter.abort(new Error("enough"));
  await assert.rejects(first, /enough/);
  assert.equal(signal?.aborted, false);
  resolve(1);
  assert.equal(await second, 1);
});

Deno.test("a task without waiting callers is aborted, and the next caller starts a new one", async () => {
  const task = new SharedTask<number>();
  const aborter = new AbortController();
  const ended = Promise.withResolvers<never>();
  const first = task.join(aborter.signal, (signal) => {
    signal.addEventListener("abort", () => ended.reject(signal.reason));
    return ended.promise;
  });
  aborter.abort(new Error("enough"));
  await assert.rejects(first, /enough/);
  await assert.rejects(ended.promise);
  assert.equal(await task.join(NEVER, () => Promise.resolve(2)), 2);
});

Deno.test("the last caller that is aborted waits until the work has ended", async () => {
  const task = new SharedTask<number>();
  const aborter = new AbortController();
  const ended = Promise.withResolvers<number>();
  let hasLeft = false;
  const left = task.join(aborter.signal, () => ended.promise).finally(() => hasLeft = true);
  aborter.abort(new Error("enough"));
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(hasLeft, false);
  ended.resolve(1);
  await assert.rejects(left, /enough/);
});
