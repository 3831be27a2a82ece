import assert from "node:assert/strict";
import {
  formatVerdict,
  parseVerdict,
  type RemoteVerdict,
  retell,
} from "../../../src/runners/remote/verdict.ts";

const VERDICTS: readonly RemoteVerdict[] = [
  { code: 1 },
  { code: 125 },
  { code: 255 },
  { signal: "SIGKILL" },
  { signal: "SIGKILL", link: 2 },
  { code: 3, link: 1 },
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

Deno.test("what names execvm is retold with where it is over there", () => {
  const failure = (message: string) => ({ message, phase: "start", consoleTail: "" });
  const kernel = failure("Cannot boot as there is no kernel: run execvm kernel fetch");
  const argv = ["deno", "run", "/cache/execvm.js"];
  assert.equal(retell(kernel, argv), `${kernel.message}; over there execvm is /cache/execvm.js`);
  assert.equal(retell(kernel, ["execvm"]), kernel.message);
  assert.equal(retell(failure("Cannot boot"), argv), "Cannot boot");
});

for (const value of ["", "ended 1 2", btoa("[]"), btoa("{}"), btoa('{"signal":"SIGMOON"}')]) {
  Deno.test(`what is no verdict is none: ${JSON.stringify(value)}`, () => {
    assert.equal(parseVerdict(value), undefined);
  });
}
