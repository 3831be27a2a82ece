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
  { failure: { message: "cannot boot\nas \\n it's", phase: "boot", consoleTail: "日本\u0000" } },
];

for (const verdict of VERDICTS) {
  Deno.test(`a verdict is one line of ASCII, and can be parsed: ${JSON.stringify(verdict)}`, () => {
    const line = formatVerdict(verdict);
    assert.match(line, /^[A-Za-z0-9+/=]+$/);
    assert.deepEqual(parseVerdict(line), verdict);
  });
}

Deno.test("retell() adds the remote path of execvm to a message that names execvm", () => {
  const failure = (message: string) => ({ message, phase: "start", consoleTail: "" });
  const kernel = failure("cannot boot: there is no kernel: run execvm kernel fetch");
  const argv = ["deno", "run", "/cache/execvm.js"];
  assert.equal(
    retell(kernel, argv),
    `${kernel.message}; on the remote host, execvm is /cache/execvm.js`,
  );
  assert.equal(retell(kernel, ["execvm"]), kernel.message);
  assert.equal(retell(failure("cannot boot"), argv), "cannot boot");
});

for (const value of ["", "ended 1 2", btoa("[]"), btoa("{}"), btoa('{"signal":"SIGMOON"}')]) {
  Deno.test(`parseVerdict() refuses ${JSON.stringify(value)}`, () => {
    assert.equal(parseVerdict(value), undefined);
  });
}
