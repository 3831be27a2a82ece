import assert from "node:assert/strict";
import { Progress, type ProgressUpdate } from "../../src/mcp/progress.ts";

/** Collects updates, of which each waits until it is let go. */
function slowClient() {
  const sent: ProgressUpdate[] = [];
  const arrivals: PromiseWithResolvers<() => void>[] = [Promise.withResolvers()];
  let taken = 0;
  return {
    sent,
    send: (update: ProgressUpdate) => {
      sent.push(update);
      arrivals.push(Promise.withResolvers());
      return new Promise<void>((resolve) => arrivals.at(-2)!.resolve(resolve));
    },
    /** Resolves once the next update has arrived, with what lets it go. */
    next: () => arrivals[taken++]!.promise,
  };
}

Deno.test("progress sends the latest message only, once the previous one is written", async () => {
  const client = slowClient();
  using progress = new Progress(client.send, { intervalMs: 1 });
  for (const message of ["a", "b", "c"]) progress.report(message);
  (await client.next())();
  await client.next();
  assert.deepEqual(client.sent, [
    { progress: 1, message: "a" },
    { progress: 2, message: "c" },
  ]);
});

Deno.test("progress sends many messages of one interval as the first and the last", async () => {
  const client = slowClient();
  using progress = new Progress(client.send, { intervalMs: 20 });
  progress.report("0");
  (await client.next())();
  for (let n = 1; n <= 1000; n++) progress.report(`${n}`);
  await client.next();
  assert.deepEqual(client.sent.map(({ message }) => message), ["0", "1000"]);
});

Deno.test("progress repeats a message that stays, with its seconds", async () => {
  const client = slowClient();
  using progress = new Progress(client.send, { intervalMs: 1, repeatMs: 1 });
  progress.report("running");
  (await client.next())();
  (await client.next())();
  assert.match(client.sent[1]!.message, /^running \(\d+ s\)$/);
  assert.equal(client.sent[1]!.progress, 2);
});

Deno.test("progress sends nothing after its end, or for a client that has not asked", async () => {
  const client = slowClient();
  const progress = new Progress(client.send, { intervalMs: 1 });
  progress.report("a");
  (await client.next())();
  progress.report("b");
  progress[Symbol.dispose]();
  progress.report("c");
  using unasked = new Progress(undefined);
  unasked.report("a");
  assert.deepEqual(client.sent.map(({ message }) => message), ["a"]);
});

Deno.test("progress ends when its client is gone", async () => {
  const gone = Promise.withResolvers<void>();
  using progress = new Progress(() => {
    queueMicrotask(gone.resolve);
    return Promise.reject(new Error("gone"));
  });
  progress.report("a");
  await gone.promise;
  progress.report("b"); // the sanitizers find a timer
});
