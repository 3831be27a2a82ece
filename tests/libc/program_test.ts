import assert from "node:assert/strict";
import { toProgramError } from "../../src/libc/program.ts";

Deno.test("a line for a shell in place of a program is told of as that", () => {
  const error = toProgramError("echo hi | cat", undefined);
  assert.equal(error.code, 127);
  assert.match(error.message, /"echo hi \| cat" as there is no such command: .*sh -c$/);
  assert.match(toProgramError("cat", undefined).message, /"cat" as there is no such command$/);
});
