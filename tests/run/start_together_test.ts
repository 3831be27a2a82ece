// Commands of one pipeline that their runners start as a gang.

import assert from "node:assert/strict";
import { cmd, EdgeError, EndpointError, file, local, type Runner } from "../../mod.ts";
import { makeRunner } from "../../src/runners/contract/runner.ts";

/** A local runner that records which runner starts commands together, and for how many runners. */
function gangRunner(seen: string[]): Runner {
  const host = local();
  return makeRunner({
    kind: "gang",
    argv: host.argv,
    start: () => assert.fail("a command is started alone"),
    startTogether: (runners) => ({
      start: (place, ...start) => {
        seen.push(`${place} of ${runners.length}`);
        return host.start(...start);
      },
      async [Symbol.asyncDispose]() {},
    }),
  });
}

const pipeline = cmd("echo", "a").pipe(cmd("cat"));

Deno.test("commands on runners that start together are started by one gang", async () => {
  const seen: string[] = [];
  assert.equal(await pipeline.text({ runner: gangRunner(seen) }), "a");
  assert.deepEqual(seen, ["0 of 2", "1 of 2"]);
});

Deno.test("a runner with only the old name of startTogether, gather, works as well", async () => {
  const seen: string[] = [];
  const { startTogether: gather, ...others } = gangRunner(seen);
  assert.equal(await pipeline.text({ runner: { ...others, gather } as Runner }), "a");
  assert.deepEqual(seen, ["0 of 2", "1 of 2"]);
});

Deno.test("EdgeError is the same class as EndpointError", async () => {
  assert.equal(EdgeError, EndpointError);
  await assert.rejects(file("/no/such/file").pipe(cmd("cat")).run(), EdgeError);
});
