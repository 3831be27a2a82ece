// Signals to a fan-out: running items receive them, and no further item starts after an ending one.

import assert from "node:assert/strict";
import { cmd, each, stream } from "../../mod.ts";
import type { SignalledRunOptions } from "../../src/model/run_options.ts";
import { SignalSource } from "../../src/model/signal_source.ts";

/** Runs three items, one at a time; the first receives SIGINT and exits with this code. */
async function interrupt(code: number) {
  const script = `trap 'exit ${code}' INT; echo ready; while :; do sleep 0.1; done`;
  const signals = new SignalSource();
  const sink = new WritableStream<Uint8Array>({ write: () => void signals.send("SIGINT") });
  const options: SignalledRunOptions = { check: false, signals };
  const items = each(["a", "b", "c"], () => cmd("sh", "-c", script), { concurrency: 1 });
  const result = await items.to(stream(sink)).run(options);
  return { code: result.code, statuses: result.items!.map(({ status }) => status) };
}

Deno.test("SIGINT goes to the running item, whose status counts, and no further item starts", async () => {
  const statuses = ["failed", "skipped", "skipped"];
  assert.deepEqual(await interrupt(7), { code: 7, statuses });
});

Deno.test("a fan-out whose items were skipped because of a signal has failed with that signal", async () => {
  const statuses = ["succeeded", "skipped", "skipped"];
  assert.deepEqual(await interrupt(0), { code: 130, statuses });
});
