import assert from "node:assert/strict";
import { CapturedOutput } from "../../src/code/captured_output.ts";

Deno.test("CapturedOutput keeps the first bytes and discards the rest", async () => {
  const heard: number[] = [];
  const output = new CapturedOutput(4, ({ length }) => heard.push(length));
  for (const text of ["ab", "cd"]) assert.ok(await output.write(new TextEncoder().encode(text)));
  assert.ok(!output.isTruncated);
  assert.ok(await output.write(new TextEncoder().encode("ef")));
  assert.ok(output.isTruncated);
  assert.equal(await output.text(), "abcd");
  assert.deepEqual(heard, [2, 2, 2]);
});
