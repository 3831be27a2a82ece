import assert from "node:assert/strict";
import { type FarVerdict, formatVerdict, parseVerdict } from "../../src/far/far_verdict.ts";

const VERDICTS: readonly FarVerdict[] = [
  { code: 1 },
  { code: 125 },
  { code: 255 },
  { signal: "SIGKILL" },
  { signal: "SIGRTMIN+3" },
  { failure: { message: "Cannot boot\nas \\n it's", phase: "boot", consoleTail: "日本\u0000" } },
];

for (const verdict of VERDICTS) {
  Deno.test(`a verdict is one line of plain words, and read back: ${JSON.stringify(verdict)}`, () => {
    const line = formatVerdict(verdict);
    assert.match(line, /^[A-Za-z0-9+/=]+$/);
    assert.deepEqual(parseVerdict(line), verdict);
  });
}

for (const value of ["", "ended 1 2", btoa("[]"), btoa("{}"), btoa('{"signal":"SIGMOON"}')]) {
  Deno.test(`what is no verdict is none: ${JSON.stringify(value)}`, () => {
    assert.equal(parseVerdict(value), undefined);
  });
}
