import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { eventually } from "../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";

const FOLLOW = fileURLToPath(new URL("../fixtures/follow.ts", import.meta.url));

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`a followed process ends if its follower is killed by ${signal}`, async () => {
    const mark = newMark();
    const command = ["sh", "-c", "echo started; sleep 1000; :"];
    const follower = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", FOLLOW, ...command],
      env: { [MARK_VARIABLE]: mark },
      stdout: "piped",
    }).spawn();
    const reader = follower.stdout.getReader();
    await reader.read(); // it has started
    follower.kill(signal);
    await follower.status;
    await reader.cancel();
    const left = await eventually(() => processesWith(mark), ({ length }) => length === 0, 30_000);
    assert.deepEqual(left, []);
  });
}
