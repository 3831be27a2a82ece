import assert from "node:assert/strict";
import { runInNewHome } from "./run_in_new_home.ts";

/** A report, and the command that writes it. */
const REPORT = {
  passed: 2,
  failures: [],
  skipped: [],
  flaky: [{ name: "late", text: "once" }],
  times: [{ name: "tests", ms: 1, files: [["a_test.ts", 1]] }],
};
const WRITE = `echo '${JSON.stringify(REPORT)}' >"$EXECVM_TEST_REPORT"`;

Deno.test("README's command runs in a new home without a Deno, and its report counts", async () => {
  const isBare = 'test "$(stat -c %a "$HOME")" = 700 && ! command -v deno && test "$CI" = true';
  assert.deepEqual(await runInNewHome(`${isBare} && ${WRITE}`), REPORT);
});

Deno.test("a command that fails without a report is run once more, and counts as a failure", async () => {
  const line = 'test ! -e "$HOME/used" && touch "$HOME/used" && echo why >&2; exit 3';
  const { passed, failures } = await runInNewHome(line);
  assert.equal(passed, 0);
  assert.deepEqual(failures, [
    { name: line, text: "it ended with exit code 3; it printed last:\nwhy" },
  ]);
});

Deno.test("a command that reports no failure but fails counts as a failure", async () => {
  const { passed, failures, flaky } = await runInNewHome(`${WRITE}; exit 1`);
  assert.deepEqual([passed, failures.length, flaky.length], [2, 1, 1]);
});
