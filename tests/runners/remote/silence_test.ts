import assert from "node:assert/strict";
import { explainSilence } from "../../../src/runners/remote/silence.ts";
import { VERSION } from "../../../src/self/version.ts";

const ARGV = ["/bin/execvm"];

Deno.test("an execvm that does not run is explained by its own message", () => {
  const probe = { code: 127, stdout: "", stderr: "Welcome\nenv: 'deno': No such file\n" };
  assert.equal(
    explainSilence(ARGV, 127, probe),
    "/bin/execvm does not run on the remote host: env: 'deno': No such file",
  );
  assert.match(explainSilence(ARGV, 1, { ...probe, stderr: "" }), /it ends with code 127$/);
});

Deno.test("another version, or another program, is distinguished from an execvm that was killed", () => {
  const probe = (stdout: string) => ({ code: 0, stdout, stderr: "" });
  assert.match(
    explainSilence(ARGV, 2, probe("0.0.9 (abc)\n")),
    /^execvm is 0\.0\.9 on the remote host and /,
  );
  assert.match(
    explainSilence(ARGV, 2, probe("")),
    /^execvm is of an unknown version on the remote host/,
  );
  const killed = explainSilence(ARGV, 137, probe(`${VERSION} (0123456789ab, Deno 2.9.6)\n`));
  assert.equal(killed, "execvm on the remote host ended with code 137 and gave no reason");
});
