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

Deno.test("readSrunLog() recognizes a job that waits", () => {
  const { job, step, isQueued, isStarted } = readSrunLog(QUEUED);
  assert.deepEqual([job, step, isQueued, isStarted], ["17", undefined, true, false]);
});

Deno.test("readSrunLog() recognizes a step that is launched, and one whose command has started", () => {
  const launched = readSrunLog(GRANTED);
  assert.deepEqual(
    [launched.job, launched.step, launched.node, launched.isQueued, launched.isStarted],
    ["17", "17.0", "n1", false, false],
  );
  assert.equal(readSrunLog(STARTED).isStarted, true);
});

Deno.test("readSrunLog() finds how the task has ended, which is not an error of srun", () => {
  const { taskStatus, errors } = readSrunLog(ENDED);
  assert.deepEqual([taskStatus, errors], [0x700, []]);
});

Deno.test("readSrunLog() takes the code from srun's error if there is no status", () => {
  assert.equal(readSrunLog("srun: error: n1: task 0: Exited with exit code 3\n").taskStatus, 0x300);
});

Deno.test("readSrunLog() finds the errors of srun and salloc", () => {
  const log = "srun: error: one\nsalloc: error: two\nsrun: fatal: three\n" +
    "srun: unrecognized option '--x'\nTry \"srun --help\" for more information\n";
  const errors = ["one", "two", "three", "unrecognized option '--x'"];
  assert.deepEqual(readSrunLog(log).errors, errors);
});

/** Logs of srun -v of one job, by version: queued, launched, started, ended with code 7. */
const RECORDED: Readonly<Record<string, readonly string[]>> = {
  "22.05": [
    "srun: job 5 queued and waiting for resources",
    "srun: job 5 has been allocated resources",
    "srun: jobid 5: nodes(1):`n1', cpu counts: 1(x1)",
    "srun: launch/slurm: launch_p_step_launch: CpuBindType=(null type)",
    "srun: launching StepId=5.0 on host n1, 1 tasks: 0",
    "srun: route/default: init: route default plugin loaded",
    "srun: launch/slurm: _task_start: Node n1, 1 tasks started",
    "srun: launch/slurm: _task_finish: Received task exit notification for 1 task of StepId=5.0 (status=0x0700).",
    "srun: error: n1: task 0: Exited with exit code 7",
  ],
  "24.11": [
    "srun: job 5 queued and waiting for resources",
    "srun: job 5 has been allocated resources",
    "srun: Nodes n1 are ready for job",
    "srun: jobid 5: nodes(1):`n1', cpu counts: 1(x1)",
    "srun: CpuBindType=(null type)",
    "srun: launching StepId=5.0 on host n1, 1 tasks: 0",
    "srun: topology/default: init: topology Default plugin loaded",
    "srun: Node n1, 1 tasks started",
    "srun: Received task exit notification for 1 task of StepId=5.0 (status=0x0700).",
    "srun: error: n1: task 0: Exited with exit code 7",
  ],
  "26.05": [
    "srun: JobId=5 returned by the controller",
    "srun: job 5 queued and waiting for resources",
    "srun: job 5 has been allocated resources",
    "srun: Nodes n1 are ready for job",
    "srun: jobid 5: nodes(1):`n1', cpu counts: 1(x1)",
    "srun: Implicitly setting --exact, because -c/--cpus-per-task given.",
    "srun: CpuBindType=(null type)",
    "srun: launching StepId=5.0 on host n1, 1 tasks: 0",
    "srun: Node n1, 1 tasks started",
    "srun: Received task exit notification for 1 task of StepId=5.0 (status=0x0700).",
    "srun: error: n1: task 0: Exited with exit code 7",
    "srun: Complete JobId=5 SLUID=s51SM8MXXVZ600 StepId=5.0 received",
  ],
};

for (const [version, lines] of Object.entries(RECORDED)) {
  Deno.test(`readSrunLog() follows a job of ${version} from the queue to its end`, () => {
    const until = (word: string) => {
      const end = lines.findIndex((line) => line.includes(word));
      return readSrunLog(lines.slice(0, end + 1).map((line) => `${line}\n`).join(""));
    };
    assert.deepEqual([until("queued").job, until("queued").isQueued], ["5", true]);
    assert.deepEqual([until("allocated").isQueued, until("allocated").step], [false, undefined]);
    assert.deepEqual([until("launching").step, until("launching").node], ["5.0", "n1"]);
    assert.deepEqual([until("launching").isStarted, until(" started").isStarted], [false, true]);
    const { taskStatus, errors } = until("Exited");
    assert.deepEqual([taskStatus, errors], [0x700, []]);
    assert.deepEqual(readSrunLog(lines.join("\n")).errors, []);
  });
}
