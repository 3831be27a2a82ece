import assert from "node:assert/strict";
import { TestLog } from "./test_log.ts";

/** A log of Deno, one line each, with a message about a slow test in between. */
const LOG = `running 5 tests from ./tests/a_test.ts
passes ... ok (1ms)
is slow ...'is slow' has been running for over (1m0s)
'is slow' has been running for over (2m0s)
 ok (2m3s)
slow, and fails ...'slow, and fails' has been running for over (1m0s)
 FAILED (1m3s)
prints ...
------- output -------
prints ... FAILED (1ms)
FAILED | 7 passed | 7 failed (1s)
no newline----- output end -----
prints ... ok (2ms)
a ... b ... ignored (0ms)

 ERRORS 

slow, and fails => ./tests/a_test.ts:2:6
error: Error: hm
    at file:///tests/a_test.ts:2:88

 FAILURES 

slow, and fails => ./tests/a_test.ts:2:6

FAILED | 3 passed | 1 failed | 1 ignored (3m6s)
`;

Deno.test("a log is parsed with slow tests and tests that print lines like Deno's", () => {
  const log = new TestLog();
  const shown = LOG.split("\n").filter((line) => log.take(line));
  assert.deepEqual([...log.passedIn], [["tests/a_test.ts", 3]]);
  assert.deepEqual(log.skipped, ["a ... b"]);
  assert.deepEqual(log.summary, { passed: 3, failed: 1 });
  const text = "error: Error: hm\n    at file:///tests/a_test.ts:2:88";
  assert.deepEqual(log.failures(), [{ name: "slow, and fails", file: "tests/a_test.ts", text }]);
  assert.ok(!shown.some((line) => line.includes("7 passed") || line === "no newline"));
});

Deno.test("a step that fails late is not a second failure of its test", () => {
  const log = new TestLog();
  for (
    const line of `running 2 tests from ./tests/a_test.ts
outer ...
  is quick ... ok (1ms)
  is slow ...'outer' has been running for over (1m0s)
 ok (1m1s)
  is slow, and fails ...
    inner ...'outer' has been running for over (2m0s)
'outer' has been running for over (3m0s)
 FAILED (2m5s)
  is slow, and fails ... FAILED (2m5s)
outer ... FAILED (due to 2 failed steps) (3m6s)
other ...'other' has been running for over (1m0s)
 ok (1m5s)

FAILED | 1 passed (2 steps) | 1 failed (2 steps) (4m11s)`.split("\n")
  ) log.take(line);
  assert.deepEqual(log.summary, { passed: 1, failed: 1 });
  assert.deepEqual([...log.passedIn], [["tests/a_test.ts", 1]]);
  assert.deepEqual(log.failures().map(({ name }) => name), ["outer"]);
});

Deno.test("a file's time is from the last line of the file before to its own last line", () => {
  const log = new TestLog(0);
  log.take("Check tests/a_test.ts", 1000);
  log.take("running 2 tests from ./tests/a_test.ts", 1500);
  log.take("first ... ok (2s)", 3500);
  log.take("second ... ok (1s)", 4500);
  log.take("running 1 test from ./tests/b_test.ts", 6000);
  log.take("third ... ok (1ms)", 6001);
  assert.deepEqual([...log.msOf], [["tests/a_test.ts", 3500], ["tests/b_test.ts", 1501]]);
});
