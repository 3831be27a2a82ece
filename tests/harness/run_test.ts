import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempDir } from "../support/temp_dir.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("a run writes its report to EXECVM_TEST_REPORT, and prints it last", async () => {
  using folder = tempDir();
  const file = `${folder.path}/report.json`;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tests/run.ts", "tests/host/quote_test.ts"],
    cwd: ROOT,
    env: { EXECVM_TEST_REPORT: file },
  }).output();
  const { passed, times, ...rest } = JSON.parse(Deno.readTextFileSync(file));
  assert.ok(passed > 0);
  assert.deepEqual(times.map(({ name }: { name: string }) => name), ["tests"]);
  assert.deepEqual([code, rest], [0, { failures: [], skipped: [], flaky: [] }]);
  const last = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1);
  assert.equal(last, `${passed} passed, 0 failed`);
});
