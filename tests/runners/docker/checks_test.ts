import assert from "node:assert/strict";
import { checkDocker } from "../../../src/runners/docker/checks.ts";
import { DOCKER, startEngine } from "../../support/docker.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

await startEngine();

Deno.test("the doctor reports a docker that does not exist", async () => {
  const result = await checkDocker("/no/such/docker");
  assert.equal(result.state, "warn");
  assert.match(result.advice!, /apt-get install docker\.io/);
});

Deno.test({
  ...needs("the doctor finds docker and its engine", DOCKER),
  async fn() {
    const { state, fact } = await checkDocker();
    assert.equal(state, "ok");
    assert.match(fact, /^docker \d+\.\S+, engine \d+\./);
  },
});

Deno.test({
  ...needs("the doctor reports an engine that does not answer", DOCKER),
  async fn() {
    using folder = tempDir();
    const program = `${folder.path}/docker`;
    const script = '#!/bin/sh\nexec docker -H unix:///no/such/socket "$@"\n';
    Deno.writeTextFileSync(program, script, { mode: 0o755 });
    const { state, fact } = await checkDocker(program);
    assert.equal(state, "warn");
    assert.match(fact, /has no engine: Cannot connect/);
  },
});
