import assert from "node:assert/strict";
import { explainSilence } from "../../../src/runners/remote/silence.ts";
import { VERSION } from "../../../src/self/version.ts";

const ARGV = ["/bin/execvm"];

Deno.test("one that does not run says so in its own words", () => {
  const probe = { code: 127, stdout: "", stderr: "Welcome\nenv: 'deno': No such file\n" };
  assert.equal(
    explainSilence(ARGV, 127, probe),
    "/bin/execvm does not run over there: env: 'deno': No such file",
  );
  assert.match(explainSilence(ARGV, 1, { ...probe, stderr: "" }), /it ends with code 127$/);
});

Deno.test("one of another version, or no execvm at all, is told from one that was killed", () => {
  const probe = (stdout: string) => ({ code: 0, stdout, stderr: "" });
  assert.match(
    explainSilence(ARGV, 2, probe("0.0.9 (abc)\n")),
    /^execvm is 0\.0\.9 over there and /,
  );
  assert.match(explainSilence(ARGV, 2, probe("")), /^execvm is of no version over there/);
  const killed = explainSilence(ARGV, 137, probe(`${VERSION} (0123456789ab, Deno 2.9.6)\n`));
  assert.equal(killed, "execvm over there ended with code 137 and did not say why");
});
