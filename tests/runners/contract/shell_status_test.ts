import assert from "node:assert/strict";
import { fromShellStatus } from "../../../src/runners/contract/shell_status.ts";

const CODES = [
  [0, { code: 0 }],
  [1, { code: 1 }],
  [128, { code: 128 }],
  [129, { signal: "SIGHUP" }],
  [130, { signal: "SIGINT" }],
  [137, { signal: "SIGKILL" }],
  [141, { signal: "SIGPIPE" }],
  [143, { signal: "SIGTERM" }],
  [145, { code: 145 }], // SIGCHLD and the like kill no process
  [146, { code: 146 }],
  [147, { code: 147 }],
  [151, { code: 151 }],
  [156, { code: 156 }],
  [159, { signal: "SIGSYS" }],
  [160, { code: 160 }],
  [161, { code: 161 }],
  [162, { signal: "SIGRTMIN+0" }],
  [192, { signal: "SIGRTMIN+30" }],
  [193, { code: 193 }],
  [255, { code: 255 }],
] as const;

for (const [code, status] of CODES) {
  Deno.test(`a code of ${code} means ${JSON.stringify(status)}`, () => {
    assert.deepEqual(fromShellStatus(code), status);
  });
}
