import assert from "node:assert/strict";
import { passOn } from "../../../src/runners/remote/inner_copies.ts";

const GIB = 2 ** 30;

Deno.test("passOn() adds up the limits of the levels that have outputs", () => {
  const inner = { type: "vm", outputs: { "/a": "a" }, maxOutputsBytes: GIB };
  const { copies, inner: form } = passOn({}, inner);
  assert.equal(copies?.maxOutputsBytes, GIB);
  assert.deepEqual(form, { ...inner, outputs: { "/a": ".execvm-copy-0" } });
  assert.equal(passOn({ outputs: { b: "b" } }, inner).copies?.maxOutputsBytes, 5 * GIB);
  const unlimited = { outputs: { b: "b" }, maxOutputsBytes: Number.MAX_SAFE_INTEGER };
  assert.equal(passOn(unlimited, inner).copies?.maxOutputsBytes, Number.MAX_SAFE_INTEGER);
});
