import assert from "node:assert/strict";
import { OWN_WORDS, readCancellation } from "../../../src/runners/slurm/stepd_words.ts";

const AT = "CANCELLED AT 2026-01-01T00:00:00";

/** Recorded lines, by version and, if not the default, LogTimeFormat. */
const CANCELLED: readonly (readonly [string, string, string | undefined])[] = [
  ["22.05", `slurmstepd-n1: error: *** STEP 8.0 ON n1 ${AT} ***`, undefined],
  ["22.05", `slurmstepd-n1: error: *** STEP 8.0 ON n1 ${AT} DUE TO TIME LIMIT ***`, "TIME LIMIT"],
  [
    "22.05, thread_id",
    `Jan  1 00:00:00.530474 22161 slurmstepd   0x7f4f304be6c0: error: *** STEP 8.0 ON n1 ${AT} ***`,
    undefined,
  ],
  ["24.11", `slurmstepd-n1: error: *** STEP 8.0 ON n1 ${AT} ***`, undefined],
  ["24.11", `slurmstepd-n1: error: *** STEP 8.0 ON n1 ${AT} DUE TO TIME LIMIT ***`, "TIME LIMIT"],
  [
    "24.11, thread_id",
    `Nov 30 00:35:34.550436  1518 slurmstepd   0x7f6577b6e6c0: error: *** STEP 8.0 ON n1 ${AT} ***`,
    undefined,
  ],
  [
    "24.11, iso8601_ms,format_stderr",
    `[2026-01-01T00:00:00.667] error: *** STEP 8.0 ON n1 ${AT} ***`,
    undefined,
  ],
  [
    "24.11, thread_id,format_stderr",
    `[Nov 30 00:35:31.713801  1178 slurmstepd   0x7f7c6fcfc6c0] error: *** STEP 8.0 ON n1 ${AT} ***`,
    undefined,
  ],
  [
    "26.05",
    `[2026-01-01T00:00:00.444] error: *** STEP 8.0 ON n1 ${AT} DUE to SIGNAL Terminated ***`,
    undefined,
  ],
  [
    "26.05",
    `[2026-01-01T00:00:00.841] error: *** STEP 8.0 ON n1 ${AT} DUE to SIGNAL Killed ***`,
    undefined,
  ],
  [
    "26.05",
    `[2026-01-01T00:00:00.017] error: *** STEP 8.0 ON n1 ${AT} DUE TO TIME LIMIT ***`,
    "TIME LIMIT",
  ],
  [
    "26.05, rfc5424_ms",
    `[2026-01-01T00:00:00.711+00:00] error: *** STEP 8.0 ON n1 ${AT} DUE to SIGNAL Terminated ***`,
    undefined,
  ],
  [
    "26.05, clock",
    `[9507] error: *** STEP 8.0 ON n1 ${AT} DUE to SIGNAL Terminated ***`,
    undefined,
  ],
  [
    "26.05, short",
    `[Jan  1 00:00:00] error: *** STEP 8.0 ON n1 ${AT} DUE to SIGNAL Terminated ***`,
    undefined,
  ],
  [
    "26.05, thread_id",
    `[Nov 30 00:35:31.970232   648 worker[7]    0x7ff08d9676c0] error: *** STEP 8.0 ON n1 ${AT} ` +
    "DUE to SIGNAL Terminated ***",
    undefined,
  ],
];

for (const [version, line, reason] of CANCELLED) {
  Deno.test(`the end of a step is recognized from a message of ${version}: ${line}`, () => {
    const words = `of the command\n${line}\n`;
    assert.equal(words.search(OWN_WORDS), "of the command\n".length);
    assert.deepEqual(readCancellation(words, "8.0"), { reason });
  });
}

const CHDIR = [
  "slurmstepd-n1: error: couldn't chdir to `/x': No such file or directory: going to /tmp instead",
  "[2026-01-01T00:00:00.511] error: couldn't chdir to `/x': No such file or directory: going to /tmp instead",
];

for (const line of CHDIR) {
  Deno.test(`slurmstepd's own messages are recognized: ${line}`, () => {
    assert.equal(line.search(OWN_WORDS), 0);
  });
}

const OF_COMMANDS = [
  "slurmstepd-n1: error: execve(): /x: No such file or directory",
  "[2026-01-01T00:00:00.444] error: *** it is not a step ***",
  "[2026-01-01T00:00:00.444] info: *** STEP 8.0 ON n1 CANCELLED ***",
  `it says [2026-01-01T00:00:00] error: *** STEP 8.0 ON n1 ${AT} ***`,
  `error: *** STEP 8.0 ON n1 ${AT} ***`,
];

for (const line of OF_COMMANDS) {
  Deno.test(`a command's own output is left alone: ${line}`, () => {
    assert.equal(line.search(OWN_WORDS), -1);
    assert.equal(readCancellation(`${line}\n`, "8.0"), undefined);
  });
}

Deno.test("the end of another step, which the command may have run, is not taken for its own", () => {
  const line = (step: string) => `slurmstepd-n1: error: *** STEP ${step} ON n1 ${AT} ***\n`;
  assert.equal(readCancellation(line("8.1"), "8.0"), undefined);
  assert.deepEqual(readCancellation(line("8.1") + line("8.0"), "8.0"), { reason: undefined });
  const ofJob = `slurmstepd-n1: error: *** JOB 8 ON n1 ${AT} DUE TO PREEMPTION ***\n`;
  assert.deepEqual(readCancellation(ofJob, "8.0"), { reason: "PREEMPTION" });
});
