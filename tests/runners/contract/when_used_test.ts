import assert from "node:assert/strict";
import { WhenUsed } from "../../../src/runners/contract/when_used.ts";

/** Something that tells what becomes of it. */
function recorded(log: string[]): AsyncDisposable & { use(): void } {
  log.push("made");
  return {
    use: () => void log.push("used"),
    [Symbol.asyncDispose]: () => Promise.resolve(void log.push("disposed")),
  };
}

Deno.test("what is never used is never made", async () => {
  const log: string[] = [];
  await new WhenUsed(() => Promise.resolve(recorded(log)))[Symbol.asyncDispose]();
  assert.deepEqual(log, []);
});

Deno.test("two who come at once get the same", async () => {
  const log: string[] = [];
  const lazy = new WhenUsed(() => Promise.resolve(recorded(log)));
  const [one, other] = await Promise.all([lazy.get(), lazy.get()]);
  assert.equal(one, other);
  assert.deepEqual(log, ["made"]);
});

Deno.test("who came before it is disposed has used it by then", async () => {
  const log: string[] = [];
  const lazy = new WhenUsed(() => Promise.resolve(recorded(log)));
  const using = lazy.get().then((it) => it.use());
  await lazy[Symbol.asyncDispose]();
  await using;
  assert.deepEqual(log, ["made", "used", "disposed"]);
});

Deno.test("that it cannot be made is told to who wants it, and is nothing to dispose", async () => {
  const lazy = new WhenUsed<AsyncDisposable>(() => Promise.reject(new Error("none")));
  await assert.rejects(lazy.get(), /none/);
  await lazy[Symbol.asyncDispose]();
});
