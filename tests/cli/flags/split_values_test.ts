// Options keep values behind `=` that are empty or have several lines.

import assert from "node:assert/strict";
import { buildRouteMap } from "npm:@stricli/core@1.3.0";
import { imageCommand } from "../../../src/cli/commands/image_command.ts";
import { pipeCommand } from "../../../src/cli/commands/pipe_command.ts";
import { runCommand } from "../../../src/cli/commands/run_command.ts";
import { splitValues } from "../../../src/cli/flags/split_values.ts";
import { execvm } from "../../support/cli.ts";

const root = buildRouteMap({
  routes: { run: runCommand, pipe: pipeCommand, image: imageCommand },
  docs: { brief: "" },
});

const LINES = "A=1\n2";

const ROWS: readonly (readonly [given: readonly string[], wanted: readonly string[]])[] = [
  [["run", `--env=${LINES}`, "printenv"], ["run", "--env", LINES, "printenv"]],
  [["run", "--env=A=1", "printenv"], ["run", "--env=A=1", "printenv"]],
  [["run", "--env", `--env=${LINES}`], ["run", "--env", `--env=${LINES}`]],
  [["run", "--cwd=", "-r=", "ls"], ["run", "--cwd", "", "-r", "", "ls"]],
  [["run", "--", `--env=${LINES}`], ["run", "--", `--env=${LINES}`]],
  [["run", "--env", "A=", "--cwd=", "ls"], ["run", "--env", "A=", "--cwd", "", "ls"]],
  [["run", "--env", "--cwd=", "ls"], ["run", "--env", "--cwd=", "ls"]],
  [["run", "ls", "--report="], ["run", "ls", "--report="]],
  [["run", "--none=", "ls"], ["run", "--none", "", "ls"]],
  [["pipe", "a.json", "--report="], ["pipe", "a.json", "--report", ""]],
  [["image", "prepare", "--cache-key=", "a"], ["image", "prepare", "--cache-key", "", "a"]],
  [["image", "--cache-key="], ["image", "--cache-key="]],
  [["--version="], ["--version="]],
  [["image", "prepare", "--run=a\nb", "x"], ["image", "prepare", "--run", "a\nb", "x"]],
  [["image"], ["image"]],
  [["none", "--env="], ["none", "--env="]],
  [[], []],
];

for (const [given, wanted] of ROWS) {
  Deno.test(`splitValues() of ${JSON.stringify(given)}`, () => {
    assert.deepEqual(splitValues(root, given), wanted);
  });
}

Deno.test("a variable of several lines is accepted behind =", async () => {
  const { code, stdout, stderr } = await execvm(["run", `--env=${LINES}`, "printenv", "A"]);
  assert.deepEqual([code, stdout, stderr], [0, "1\n2\n", ""]);
});

Deno.test("an error about an option with an empty value behind = names the option", async () => {
  const { code, stderr } = await execvm(["run", "--memory=", "true"]);
  assert.equal(code, 2);
  assert.match(stderr, /--memory/);
  assert.doesNotMatch(stderr, /no such command/);
});

Deno.test("an option that takes no value rejects an empty one", async () => {
  const { code, stdout, stderr } = await execvm(["run", "--quiet=", "--", "echo", "ran"]);
  assert.deepEqual([code, stdout, stderr], [
    2,
    "",
    "execvm: cannot take --quiet=: --quiet is an option without a value\n",
  ]);
});
