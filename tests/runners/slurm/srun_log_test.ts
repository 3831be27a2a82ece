import assert from "node:assert/strict";
import { readSrunLog } from "../../../src/runners/slurm/srun_log.ts";

const QUEUED = "srun: end of defined options\nsrun: job 17 queued and waiting for resources\n";
const GRANTED = `${QUEUED}srun: job 17 has been allocated resources
srun: jobid 17: nodes(1):\`n1', cpu counts: 1(x1)
srun: launching StepId=17.0 on host n1, 1 tasks: 0
`;
const STARTED = `${GRANTED}srun: launch/slurm: _task_start: Node n1, 1 tasks started\n`;
const ENDED = `${STARTED}srun: launch/slurm: _task_finish: Received task exit notification ` +
  `for 1 task of StepId=17.0 (status=0x0700).\nsrun: error: n1: task 0: Exited with exit code 7\n`;

Deno.test("readSrunLog() knows a job that waits", () => {
  const { job, step, isQueued, isStarted } = readSrunLog(QUEUED);
  assert.deepEqual([job, step, isQueued, isStarted], ["17", undefined, true, false]);
});

Deno.test("readSrunLog() knows a step that is launched, and one whose command has started", () => {
  const launched = readSrunLog(GRANTED);
  assert.deepEqual(
    [launched.job, launched.step, launched.node, launched.isQueued, launched.isStarted],
    ["17", "17.0", "n1", false, false],
  );
  assert.equal(readSrunLog(STARTED).isStarted, true);
});

Deno.test("readSrunLog() knows how the task has ended, which is no error of srun", () => {
  const { taskStatus, errors } = readSrunLog(ENDED);
  assert.deepEqual([taskStatus, errors], [0x700, []]);
});

Deno.test("readSrunLog() takes the code from srun's error where it says no status", () => {
  assert.equal(readSrunLog("srun: error: n1: task 0: Exited with exit code 3\n").taskStatus, 0x300);
});

Deno.test("readSrunLog() knows what srun and salloc say is wrong", () => {
  const log = "srun: error: one\nsalloc: error: two\nsrun: fatal: three\n" +
    "srun: unrecognized option '--x'\nTry \"srun --help\" for more information\n";
  const errors = ["one", "two", "three", "unrecognized option '--x'"];
  assert.deepEqual(readSrunLog(log).errors, errors);
});
