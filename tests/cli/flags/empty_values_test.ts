// `--option=` is that option with an empty value, and no word of a command.

import assert from "node:assert/strict";
import { buildRouteMap } from "npm:@stricli/core@1.3.0";
import { imageCommand } from "../../../src/cli/commands/image_command.ts";
import { pipeCommand } from "../../../src/cli/commands/pipe_command.ts";
import { runCommand } from "../../../src/cli/commands/run_command.ts";
import { splitEmptyValues } from "../../../src/cli/flags/empty_values.ts";
import { execvm } from "../../support/cli.ts";

const root = buildRouteMap({
  routes: { run: runCommand, pipe: pipeCommand, image: imageCommand },
  docs: { brief: "" },
});

const ROWS: readonly (readonly [given: string, wanted: readonly string[]])[] = [
  ["run --report= ls", ["run", "--report", "", "ls"]],
  ["run -r= -- ls", ["run", "-r", "", "--", "ls"]],
  ["run --env A= --cwd= ls", ["run", "--env", "A=", "--cwd", "", "ls"]],
  ["run --env --cwd= ls", ["run", "--env", "--cwd=", "ls"]],
  ["run ls --report=", ["run", "ls", "--report="]],
  ["run -- --report=", ["run", "--", "--report="]],
  ["run --no-such= ls", ["run", "--no-such", "", "ls"]],
  ["pipe a.json --report=", ["pipe", "a.json", "--report", ""]],
  ["image prepare --cache-key= a", ["image", "prepare", "--cache-key", "", "a"]],
  ["image --cache-key=", ["image", "--cache-key="]],
  ["--version=", ["--version="]],
];

for (const [given, wanted] of ROWS) {
  Deno.test(`splitEmptyValues() of ${given}`, () => {
    assert.deepEqual(splitEmptyValues(root, given.split(" ")), wanted);
  });
}

Deno.test("an option without a value is refused an empty one", async () => {
  const { code, stdout, stderr } = await execvm(["run", "--quiet=", "--", "echo", "ran"]);
  assert.deepEqual([code, stdout, stderr], [
    2,
    "",
    "execvm: Cannot take --quiet= as --quiet is an option without a value\n",
  ]);
});
