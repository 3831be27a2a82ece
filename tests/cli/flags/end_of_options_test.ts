// The options of execvm end at the first word that is not an option; what follows belongs to the
// command.

import assert from "node:assert/strict";
import { buildRouteMap } from "npm:@stricli/core@1.3.0";
import { codeCommand } from "../../../src/cli/commands/code_command.ts";
import { pipeCommand } from "../../../src/cli/commands/pipe_command.ts";
import { runCommand } from "../../../src/cli/commands/run_command.ts";
import { endOptions } from "../../../src/cli/flags/end_of_options.ts";
import { execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";

const root = buildRouteMap({
  routes: { run: runCommand, code: codeCommand, pipe: pipeCommand },
  docs: { brief: "" },
});

const ROWS: readonly (readonly [string, string])[] = [
  ["run ls -la", "run -- ls -la"],
  ["run -r vm ls -la", "run -r vm -- ls -la"],
  ["run -t --cpus 2 --memory=1G ls --help", "run -t --cpus 2 --memory=1G -- ls --help"],
  ["run --no-template -v ls -v", "run --no-template -v -- ls -v"],
  ["run --bootTimeoutMs 9 ls", "run --bootTimeoutMs 9 -- ls"],
  ["run ls -- -la", "run -- ls -- -la"],
  ["run -r vm -- ls -la", "run -r vm -- ls -la"],
  ["run -- ls", "run -- ls"],
  ["run -r", "run -r"],
  ["run --help", "run --help"],
  ["run", "run"],
  ["code --image i main.py --json", "code --image i -- main.py --json"],
  ["code --image i main.py -- -x", "code --image i -- main.py -x"],
  ["code --image i main.py a -- -x", "code --image i -- main.py a -- -x"],
  ["code --image i - -x", "code --image i -- - -x"],
  ["code --image i -- main.py -x", "code --image i -- main.py -x"],
  ["pipe a.json -v", "pipe a.json -v"],
];

for (const [given, wanted] of ROWS) {
  Deno.test(`endOptions() of ${given}`, () => {
    assert.equal(endOptions(root, given.split(" ")).join(" "), wanted);
  });
}

Deno.test("execvm run passes on what follows the command, with or without --", async () => {
  const words = ["printf", "%s\\n", "-v", "--cwd", "-r", "--help"];
  const wanted = "-v\n--cwd\n-r\n--help\n";
  for (const args of [["run", ...words], ["run", "-r", "local", "--", ...words]]) {
    const { code, stdout, stderr } = await execvm(args);
    assert.deepEqual([code, stdout, stderr], [0, wanted, ""]);
  }
  const watched = await execvm(["run", "-v", "--timeout", "1m", "echo", "-v", "--", "x"]);
  assert.deepEqual([watched.code, watched.stdout], [0, "-v -- x\n"]);
});

Deno.test("an unknown option is wrong usage, whatever follows", async () => {
  const { code, stderr } = await execvm(["run", "--cwdd", "/", "ls", "-la"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^execvm: cannot take --cwdd: there is no such option \(did you mean --cwd/,
  );
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/main.sh`, "");
  const late = await execvm(["code", `${folder.path}/main.sh`, "--image", "x"]);
  assert.deepEqual([late.code, late.stderr.split(";")[0]], [
    2,
    "execvm: cannot run: --image is missing",
  ]);
});
