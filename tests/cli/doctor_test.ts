import assert from "node:assert/strict";
import { execvm } from "../support/cli.ts";

Deno.test("doctor finds all that is required here, and exits with 0", async () => {
  const { code, stdout } = await execvm(["doctor"]);
  assert.equal(code, 0);
  for (const what of ["Deno: ", "kernel pipes: ", "clean-up after SIGKILL: ", "local runner: "]) {
    assert.match(stdout, new RegExp(`^ok +${what}`, "m"));
  }
});

Deno.test("doctor says what is lost without FFI, and what to do", async () => {
  const { code, stdout } = await execvm(["doctor"], { env: { EXECVM_NO_FFI: "1" } });
  assert.equal(code, 0);
  assert.match(stdout, /^warn kernel pipes: .*\n +Run .*--allow-ffi$/m);
});
