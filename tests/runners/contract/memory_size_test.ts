import assert from "node:assert/strict";
import { parseMemoryMib } from "../../../src/runners/contract/memory_size.ts";

Deno.test("parseMemoryMib() reads MiB, or a number with a unit", () => {
  const sizes = ["512", "512M", "2G", "1.5G", "2GiB", "2g"].map(parseMemoryMib);
  assert.deepEqual(sizes, [512, 512, 2048, 1536, 2048, 2048]);
});

Deno.test("parseMemoryMib() refuses what is not a memory size", () => {
  for (const bad of ["", "0", "-1", "2X", "0.3", "G"]) {
    assert.throws(() => parseMemoryMib(bad), SyntaxError);
  }
});
