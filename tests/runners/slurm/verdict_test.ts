import assert from "node:assert/strict";
import {
  explain,
  interpretExit,
  type SrunEnd,
  type Verdict,
} from "../../../src/runners/slurm/verdict.ts";

interface Given extends Partial<Omit<SrunEnd, "facts">> {
  readonly taskStatus?: number;
  readonly step?: string;
  readonly errors?: readonly string[];
}

function cancelled(reason: string): string {
  return `slurmstepd-n1: error: *** STEP 7.0 ON n1 CANCELLED AT 2026-01-01T00:00:00${reason} ***\n`;
}

const ENDS: readonly (readonly [string, Given, Verdict])[] = [
  ["a code", { taskStatus: 0x300 }, { exitCode: 3 }],
  ["a code, though srun was killed", { taskStatus: 0, status: { signal: "SIGKILL" } }, {
    exitCode: 0,
  }],
  ["a folder that does not exist", { taskStatus: 26 }, {
    failure: "its folder does not exist, or is not a folder",
  }],
  ["a command that we killed", { taskStatus: 9, fatal: "SIGKILL" }, {
    signal: "SIGKILL",
  }],
  ["one that the kernel killed", { taskStatus: 9 }, { signal: "SIGKILL" }],
  ["one that was killed in the queue", { fatal: "SIGTERM" }, { signal: "SIGTERM" }],
  ["one that we ended, whatever Slurm reports", {
    taskStatus: 143 << 8,
    fatal: "SIGTERM",
    words: cancelled(""),
  }, { exitCode: 143 }],
  ["a time limit", { taskStatus: 143 << 8, words: cancelled(" DUE TO TIME LIMIT") }, {
    failure: "its job has reached its time limit: raise it, or set none",
  }],
  ["a node that went down", { words: cancelled(" DUE TO NODE FAILURE") }, {
    failure: "its node went down",
  }],
  ["a node that went down according to srun", { errors: ["Node failure on n1"] }, {
    failure: "its node went down: Node failure on n1",
  }],
  ["a job that was cancelled", { taskStatus: 15, words: cancelled("") }, {
    failure: "its job was cancelled",
  }],
  ["a job that was preempted", { taskStatus: 15, words: cancelled(" DUE TO PREEMPTION") }, {
    failure: "its job was cancelled due to PREEMPTION",
  }],
  ["a command that prints Slurm's message about another step", {
    step: "8.0",
    taskStatus: 3 << 8,
    words: cancelled(""),
  }, { exitCode: 3 }],
  ["an srun that was killed", { status: { signal: "SIGKILL" } }, {
    failure: "srun was killed by SIGKILL",
  }],
];

for (const [name, { taskStatus, step, errors = [], ...given }, verdict] of ENDS) {
  Deno.test(`interpretExit() handles ${name}`, () => {
    const usual = { status: { code: 1 }, words: "", fatal: undefined } as const;
    assert.deepEqual(
      interpretExit({ ...usual, ...given, facts: { step, taskStatus, errors } }),
      verdict,
    );
  });
}

Deno.test("explain() returns Slurm's message and what to do", () => {
  const refused = ["no", "Unable to allocate resources: Invalid partition name specified"];
  assert.match(
    explain(refused, { code: 1 }),
    /^Slurm reports: Invalid partition name specified\. sinfo /,
  );
  const ofSalloc = ["no", "Job submit/allocate failed: Invalid partition name specified"];
  assert.equal(explain(ofSalloc, { code: 1 }), explain(refused, { code: 1 }));
  assert.match(explain([], { code: 127 }), /^srun and salloc are not here/);
  assert.match(explain([], { code: 1 }), /without a message$/);
});
