// `execvm code` from the command line.

import assert from "node:assert/strict";
import { prepareImage, runCode } from "../../../mod.ts";
import { codeTest, makePythonRoot, makeShellRoot } from "../../code/fixture.ts";
import { checkTrace } from "../../observe/check_trace.ts";
import { execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { execvmOnTerminal } from "../../support/typed.ts";

const CODE = `
import sys
print(sys.stdin.read().upper(), *sys.argv[1:])
open("made", "w").write("made")
sys.exit(5)
`;

codeTest("execvm code runs a file, with the stdio and exit status of the code", async () => {
  using folder = tempDir();
  const root = await makePythonRoot(`${folder.path}/root`);
  const name = `python-${crypto.randomUUID()}`;
  await prepareImage({ from: root, cacheKey: name });
  const options = ["--image", name, "--accel", "tcg"];
  const [file, outputs] = [`${folder.path}/code.py`, `${folder.path}/outputs`];
  Deno.writeTextFileSync(file, CODE);

  const [trace, report] = [`${folder.path}/trace.json`, `${folder.path}/report.html`];
  const written = ["--outputs-dir", outputs, "--trace", trace, "--report", report];
  const args = ["code", ...options, ...written, file, "--", "an arg"];
  const run = await execvm(args, { stdin: "input" });
  assert.deepEqual([run.code, run.stdout], [5, "INPUT an arg\n"]);
  assert.equal(
    run.stderr,
    `execvm: created "/workspace/made"\nexecvm: the outputs are in ${outputs}\n`,
  );
  assert.equal(Deno.readTextFileSync(`${outputs}/files/workspace/made`), "made");
  const { traceEvents } = checkTrace(Deno.readTextFileSync(trace));
  const stage = traceEvents.find(({ args }) => args["runner"] === "vm")!;
  assert.deepEqual([stage.name, stage.args["code"]], ["python3", 5]);
  assert.ok(traceEvents.some(({ name }) => name === "running"));
  assert.match(Deno.readTextFileSync(report), /exit code 5/);

  const unkept = await execvm(["code", ...options, "-"], { stdin: "open('made', 'w')" });
  assert.deepEqual([unkept.code, unkept.stderr.split("\n")], [0, [
    'execvm: created "/workspace/made"',
    "execvm: the outputs are lost with the machine: --outputs-dir or --outputs-tar keeps them",
    "",
  ]]);
  const refused = await execvm(["code", ...options, "--outputs-dir", outputs, file]);
  assert.deepEqual([refused.code, refused.stdout, refused.stderr], [
    125,
    "",
    `execvm: cannot put outputs into ${outputs}: it must be empty: it has files\n`,
  ]);
  const twice = await execvm(["code", ...options, "--file", `${file}:main.py`, file]);
  assert.deepEqual([twice.code, twice.stderr], [
    2,
    'execvm: cannot give the file "main.py": the code itself is /workspace/main.py: name it otherwise\n',
  ]);

  const alone = ["code", ...options, "--output", "none", "-n", file];
  assert.equal((await execvm(alone, { stdin: "input" })).stdout, "\n");

  const late = ["code", ...options, "--output", "none", "--timeout", "3s", "-"];
  const ended = await execvm(late, { stdin: "while True: pass" });
  assert.deepEqual([ended.code, ended.stderr], [124, "execvm: the code reached its time limit\n"]);

  const bounds = ["--output", "none", "--max-output-bytes", "1"];
  const json = ["code", ...options, ...bounds, "--json", "-"];
  const { code, stdout } = await execvm(json, { stdin: "import sys; print(1); sys.exit(3)" });
  assert.equal(code, 0);
  const { exitStatus, stdout: printed, truncated } = JSON.parse(stdout);
  assert.deepEqual([exitStatus, printed, truncated], [3, "1", true]);
});

codeTest("execvm code prepares its image, with the steps on a terminal", async () => {
  using folder = tempDir();
  const root = await makeShellRoot(`${folder.path}/root`);
  const [tar, file] = [`${folder.path}/root.tar`, `${folder.path}/code.sh`];
  await new Deno.Command("tar", { args: ["-C", root, "-cf", tar, "."] }).output();
  Deno.writeTextFileSync(file, "echo $((6 * 7))");
  const code = ["--accel", "tcg", "--output", "none", "--lang", "sh", "-n", file];
  const typed = execvmOnTerminal(["code", "--image", tar, ...code]);
  assert.equal((await typed.result).code, 0);
  assert.match(typed.shown(), /execvm: \S+root\.tar: packing the image\r\n[^]*^42\r$/m);
  const again = await execvm(["code", "--image", tar, ...code]);
  assert.deepEqual([again.code, again.stdout, again.stderr], [0, "42\n", ""]);
  const name = `named-${crypto.randomUUID()}`;
  assert.equal((await execvm(["image", "prepare", "--name", name, tar])).code, 0);
  const { stdout } = await runCode(name, "echo by name", { language: "sh", accel: "tcg" });
  assert.equal(stdout, "by name\n");
});

Deno.test("execvm code names a missing image, and rejects invalid options", async () => {
  const missing = await execvm(["code", "--image", "nothing", "-"]);
  assert.deepEqual([missing.code, missing.stderr], [
    2,
    'execvm: cannot take the image "nothing": there is no image of that name, and no such file or ' +
    "folder: execvm image list shows the images, execvm image prepare --name makes one\n",
  ]);
});
