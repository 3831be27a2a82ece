import assert from "node:assert/strict";
import { CommandError, EndpointError, RunnerError } from "../../mod.ts";
import type { RetryReason } from "../../mod.ts";
import { isRetried } from "../../src/fan_out/retry.ts";

const runner = new RunnerError("cannot start", { runner: "vm", phase: "start" });
const command = new CommandError({ ok: false, code: 75, timedOut: false, stages: [] });
const timeout = new CommandError({ ok: false, code: 124, timedOut: true, stages: [] });
const edge = new EndpointError("cannot read", "source");

const TABLE: readonly [string, readonly RetryReason[] | undefined, readonly unknown[]][] = [
  ["no settings", undefined, [runner]],
  ["runner", ["runner"], [runner]],
  ["command", ["command"], [command]],
  ["timeout", ["timeout"], [timeout]],
  ["75", [75], [command]],
  ["124", [124], [timeout]],
  ["1", [1], []],
  ["none", [], []],
  ["all words", ["runner", "command", "timeout"], [runner, command, timeout]],
];

for (const [name, on, retried] of TABLE) {
  Deno.test(`isRetried() on ${name}`, () => {
    const settings = { times: 1, ...(on !== undefined && { on }) };
    const failures = [runner, command, timeout, edge, new TypeError("a")];
    assert.deepEqual(failures.filter((error) => isRetried(error, 1, settings)), retried);
  });
}

Deno.test("isRetried() counts attempts, and returns false without settings", () => {
  const answers = [1, 2, 3].map((attempts) => isRetried(runner, attempts, { times: 2 }));
  assert.deepEqual(answers, [true, true, false]);
  assert.equal(isRetried(runner, 1), false);
});
