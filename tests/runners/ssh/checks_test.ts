import assert from "node:assert/strict";
import { checkSsh } from "../../../src/runners/ssh/checks.ts";
import { needs } from "../../support/tools.ts";

Deno.test({
  ...needs("the doctor finds OpenSSH's client", "ssh"),
  async fn() {
    const { state, fact } = await checkSsh();
    assert.equal(state, "ok");
    assert.match(fact, /^OpenSSH \d+\.\d+\S*; hosts with 9\.8 or newer refuse /);
  },
});

Deno.test("the doctor reports an ssh that does not exist", async () => {
  const { state, advice } = await checkSsh("/no/such/ssh");
  assert.equal(state, "warn");
  assert.match(advice!, /apt-get install openssh-client/);
});

Deno.test("the doctor does not accept another program", async () => {
  const { state, fact } = await checkSsh("/bin/true");
  assert.deepEqual([state, fact], ["warn", "/bin/true is not OpenSSH's client"]);
});
