// Which exit code a subcommand has, or which error it gives, once a signal has told it to end.

import assert from "node:assert/strict";
import { exitCodeOfCall, orSignalCode, Signalled } from "../../../src/cli/frame/cancellation.ts";

const untold = new AbortController().signal;
const told = AbortSignal.abort(new Signalled("SIGTERM"));

function failing(error: Error): () => Promise<number> {
  return () => Promise.reject(error);
}

Deno.test("orSignalCode() gives the exit code, and that of the signal that ended it", async () => {
  assert.equal(await orSignalCode(() => Promise.resolve(3)), 3);
  assert.equal(await orSignalCode(failing(told.reason)), 143);
});

Deno.test("orSignalCode() hides no other error", async () => {
  const error = new TypeError("the container cannot be removed");
  await assert.rejects(orSignalCode(failing(error)), (thrown) => thrown === error);
});

Deno.test("exitCodeOfCall() gives the exit code, also of what ended in time", async () => {
  assert.equal(await exitCodeOfCall(untold, () => Promise.resolve(3)), 3);
  assert.equal(await exitCodeOfCall(told, () => Promise.resolve(3)), 3);
});

Deno.test("exitCodeOfCall() gives the signal's code for whatever fails after it", async () => {
  assert.equal(await exitCodeOfCall(told, failing(told.reason)), 143);
  assert.equal(await exitCodeOfCall(told, failing(new Error("the socket is gone"))), 143);
  const error = new Error("x");
  await assert.rejects(exitCodeOfCall(AbortSignal.abort(), failing(error)), error);
});

for (const refusal of [new TypeError("no such option"), new RangeError("too large")]) {
  Deno.test(`exitCodeOfCall() makes wrong usage of a ${refusal.name}`, async () => {
    const wrong = { name: "UsageError", message: refusal.message };
    await assert.rejects(exitCodeOfCall(untold, failing(refusal)), wrong);
    assert.equal(await exitCodeOfCall(told, failing(refusal)), 143);
  });
}

Deno.test("exitCodeOfCall() leaves other errors as they are", async () => {
  const error = new Error("the disk is full");
  await assert.rejects(exitCodeOfCall(untold, failing(error)), (thrown) => thrown === error);
});
