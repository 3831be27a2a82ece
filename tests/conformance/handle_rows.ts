// Rows on running commands: what their users write, read and send while they run.

import assert from "node:assert/strict";
import type { Runner } from "../../mod.ts";
import type { Row } from "./row.ts";

function sh(runner: Runner, script: string) {
  return runner.cmd("sh", "-c", script);
}

export const HANDLE_ROWS: readonly Row[] = [
  {
    name: "capture() has stdout and stderr apart, and the code",
    async check(subject) {
      const script = "echo out; echo why >&2; exit 3";
      const { code, stdout, stderr } = await sh(subject.runner(), script).capture();
      assert.deepEqual([code, stdout, stderr], [3, "out", "why"]);
    },
  },
  {
    name: "lines arrive while the command runs, and its code after the last one",
    async check(subject) {
      await using running = sh(subject.runner(), "while read word; do echo got $word; done; exit 5")
        .start({ check: false });
      const lines = running.stdout.lines();
      for (const word of ["one", "two"]) {
        await running.stdin.write(`${word}\n`);
        assert.deepEqual(await lines.next(), { done: false, value: `got ${word}` });
      }
      await running.stdin.close();
      assert.equal((await lines.next()).done, true);
      assert.equal((await running.result).code, 5);
    },
  },
  {
    name: "a loop over the lines that is left ends the command",
    async check(subject) {
      const seen: string[] = [];
      for await (const line of sh(subject.runner(), "echo first; echo second; exec sleep 1000")) {
        seen.push(line);
        if (line === "second") break;
      }
      assert.deepEqual(seen, ["first", "second"]);
    },
  },
  {
    name: "kill() sends a signal to the command, whose status counts",
    async check(subject) {
      const script = "trap 'echo usr1' USR1; trap 'exit 7' TERM; echo ready; " +
        "while :; do sleep 0.1; done";
      await using running = sh(subject.runner(), script).start({ check: false });
      const lines = running.stdout.lines();
      assert.equal((await lines.next()).value, "ready");
      await running.kill("SIGUSR1");
      assert.equal((await lines.next()).value, "usr1");
      await running.kill();
      assert.equal((await running.result).code, 7);
    },
  },
  {
    name: "kill() at once ends a command that has not started yet",
    async check(subject) {
      await using running = sh(subject.runner(), "exec sleep 1000").start({ check: false });
      await running.kill("SIGKILL");
      assert.equal((await running.result).code, 137);
    },
  },
  {
    name: "an unread output does not keep a killed command from its end",
    async check(subject) {
      await using running = subject.runner().cmd("yes").start({ check: false });
      const reader = running.stdout.getReader();
      await reader.read();
      await running.kill();
      assert.equal((await running.result).code, 143);
    },
  },
];
