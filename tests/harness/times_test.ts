import assert from "node:assert/strict";
import { timed, timeLines } from "./times.ts";

Deno.test("timeLines() lists all parts, and the slow files, the slowest first", () => {
  const lines = timeLines([
    { name: "tests", ms: 71_400, files: [["b_test.ts", 9600], ["a_test.ts", 61_000]] },
    { name: "quick", ms: 900, files: [["c_test.ts", 900]] },
  ]);
  assert.deepEqual(lines, [
    "seconds, of parts:",
    "    71  tests",
    "     1  quick",
    "seconds, of the slowest files:",
    "    61  a_test.ts (tests)",
    "    10  b_test.ts (tests)",
  ]);
});

Deno.test("timeLines() is empty for a quick run", () => {
  assert.deepEqual(timeLines([{ name: "tests", ms: 4999, files: [["a_test.ts", 4000]] }]), []);
});

Deno.test("timed() returns the result, and the time under a name", async () => {
  const [result, { name, ms, files }] = await timed("one", () => Promise.resolve(7));
  assert.deepEqual([result, name, files], [7, "one", []]);
  assert.ok(ms >= 0);
});
