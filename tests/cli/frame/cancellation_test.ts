// The exit code of a subcommand, or its error, after a termination signal.

import assert from "node:assert/strict";
import { exitCodeOfCall, orSignalCode, Signalled } from "../../../src/cli/frame/cancellation.ts";

const untold = new AbortController().signal;
const told = AbortSignal.abort(new Signalled("SIGTERM"));

function failing(error: Error): () => Promise<number> {
  return () => Promise.reject(error);
}

Deno.test("orSignalCode() returns the exit code, or that of the signal that cancelled it", async () => {
  assert.equal(await orSignalCode(() => Promise.resolve(3)), 3);
  assert.equal(await orSignalCode(failing(told.reason)), 143);
});

Deno.test("orSignalCode() hides no other error", async () => {
  const error = new TypeError("the container cannot be removed");
  await assert.rejects(orSignalCode(failing(error)), (thrown) => thrown === error);
});

Deno.test("exitCodeOfCall() returns the exit code, also if the call ended in time", async () => {
  assert.equal(await exitCodeOfCall(untold, () => Promise.resolve(3)), 3);
  assert.equal(await exitCodeOfCall(told, () => Promise.resolve(3)), 3);
});

Deno.test("exitCodeOfCall() returns the signal's code for any failure after it", async () => {
  assert.equal(await exitCodeOfCall(told, failing(told.reason)), 143);
  assert.equal(await exitCodeOfCall(told, failing(new Error("the socket is gone"))), 143);
  const error = new Error("x");
  await assert.rejects(exitCodeOfCall(AbortSignal.abort(), failing(error)), error);
});

for (const refusal of [new TypeError("no such option"), new RangeError("too large")]) {
  Deno.test(`exitCodeOfCall() turns a ${refusal.name} into wrong usage`, async () => {
    const wrong = { name: "UsageError", message: refusal.message };
    await assert.rejects(exitCodeOfCall(untold, failing(refusal)), wrong);
    assert.equal(await exitCodeOfCall(told, failing(refusal)), 143);
  });
}

Deno.test("exitCodeOfCall() passes on other errors unchanged", async () => {
  const error = new Error("the disk is full");
  await assert.rejects(exitCodeOfCall(untold, failing(error)), (thrown) => thrown === error);
});
