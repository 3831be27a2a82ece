// Signals to a fan-out: they are for the items that run, and no others begin once it is told to end.

import assert from "node:assert/strict";
import { cmd, each, stream } from "../../mod.ts";
import type { SignalledRunOptions } from "../../src/model/run_options.ts";
import { SignalSource } from "../../src/model/signal_source.ts";

/** Runs three items, one at a time, of which the first is sent SIGINT and exits with this code. */
async function interrupt(code: number) {
  const script = `trap 'exit ${code}' INT; echo ready; while :; do sleep 0.1; done`;
  const signals = new SignalSource();
  const sink = new WritableStream<Uint8Array>({ write: () => void signals.send("SIGINT") });
  const options: SignalledRunOptions = { check: false, signals };
  const items = each(["a", "b", "c"], () => cmd("sh", "-c", script), { concurrency: 1 });
  const result = await items.to(stream(sink)).run(options);
  return { code: result.code, statuses: result.items!.map(({ status }) => status) };
}

Deno.test("SIGINT is for the item that runs, whose status counts, and none begins after it", async () => {
  const statuses = ["failed", "skipped", "skipped"];
  assert.deepEqual(await interrupt(7), { code: 7, statuses });
});

Deno.test("a fan-out whose items were skipped because of a signal has failed by it", async () => {
  const statuses = ["succeeded", "skipped", "skipped"];
  assert.deepEqual(await interrupt(0), { code: 130, statuses });
});
