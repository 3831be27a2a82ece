// Tests ^C at a terminal while a remote command runs: the command gets it, and the connection
// stays.

import assert from "node:assert/strict";
import { HOST, makeHost, SSH } from "../../support/sshd.ts";
import { needs } from "../../support/tools.ts";
import { execvmOnTerminal } from "../../support/typed.ts";

const { options } = await makeHost();

Deno.test({
  ...needs("^C at a terminal goes to the remote command, whose status counts", ...SSH),
  async fn() {
    const given = Object.entries(options.options!).flatMap(([name, value]) => [
      ...["--option", `${name}=${value}`],
    ]);
    const host = ["-r", `ssh:${HOST}`, "--user", "root", "--identity", options.identity!, ...given];
    const script = "trap 'echo heard; exit 7' INT; echo ready; while :; do sleep 0.1; done";
    const run = execvmOnTerminal(["run", "-q", ...host, "--", "sh", "-c", script]);
    await run.shows("ready");
    run.type("\x03");
    const { code } = await run.result;
    assert.deepEqual([code, run.shown().split("heard").length], [7, 2], run.shown());
  },
});
