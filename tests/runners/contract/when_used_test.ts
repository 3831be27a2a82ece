import assert from "node:assert/strict";
import { WhenUsed } from "../../../src/runners/contract/when_used.ts";

/** Makes a value that records what happens to it. */
function recorded(log: string[]): AsyncDisposable & { use(): void } {
  log.push("made");
  return {
    use: () => void log.push("used"),
    [Symbol.asyncDispose]: () => Promise.resolve(void log.push("disposed")),
  };
}

Deno.test("a value that is never used is never made", async () => {
  const log: string[] = [];
  await new WhenUsed(() => Promise.resolve(recorded(log)))[Symbol.asyncDispose]();
  assert.deepEqual(log, []);
});

Deno.test("concurrent calls get the same value", async () => {
  const log: string[] = [];
  const lazy = new WhenUsed(() => Promise.resolve(recorded(log)));
  const [one, other] = await Promise.all([lazy.get(), lazy.get()]);
  assert.equal(one, other);
  assert.deepEqual(log, ["made"]);
});

Deno.test("a call before the disposal gets the value before that is disposed", async () => {
  const log: string[] = [];
  const lazy = new WhenUsed(() => Promise.resolve(recorded(log)));
  const using = lazy.get().then((it) => it.use());
  await lazy[Symbol.asyncDispose]();
  await using;
  assert.deepEqual(log, ["made", "used", "disposed"]);
});

Deno.test("the error of making the value goes to the callers, and leaves nothing to dispose", async () => {
  const lazy = new WhenUsed<AsyncDisposable>(() => Promise.reject(new Error("none")));
  await assert.rejects(lazy.get(), /none/);
  await lazy[Symbol.asyncDispose]();
});
