import assert from "node:assert/strict";
import { cmd, file, gzip, stdin, text } from "../../../mod.ts";
import { EXECVM, execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";

Deno.test("pipe runs a pipeline from stdin", async () => {
  const pipeline = JSON.stringify(text("a\nb\n").pipe(cmd("wc", "-l")));
  assert.deepEqual(await execvm(["pipe", "-"], { stdin: pipeline }), {
    code: 0,
    stdout: "2\n",
    stderr: "",
  });
});

Deno.test("pipe runs a pipeline from a file, with our own stdin", async () => {
  using folder = tempDir();
  const name = `${folder.path}/p.json`;
  Deno.writeTextFileSync(name, JSON.stringify(cmd("cat").pipe(cmd("wc", "-c"))));
  assert.equal((await execvm(["pipe", name], { stdin: "12345" })).stdout, "5\n");
});

Deno.test("pipe -n does not read stdin, even if the pipeline names it as its source", async () => {
  using folder = tempDir();
  const name = `${folder.path}/p.json`;
  for (const pipeline of [cmd("wc", "-c"), stdin().pipe(cmd("wc", "-c"))]) {
    Deno.writeTextFileSync(name, JSON.stringify(pipeline));
    assert.equal((await execvm(["pipe", "-n", name], { stdin: "12345" })).stdout, "0\n");
  }
});

Deno.test("pipe exits with the code of the rightmost stage that failed", async () => {
  const pipeline = JSON.stringify(cmd("sh", "-c", "exit 3").pipe(cmd("true")));
  assert.equal((await execvm(["pipe", "-"], { stdin: pipeline })).code, 3);
});

Deno.test("pipe -r void starts nothing", async () => {
  const stdin = JSON.stringify(cmd("touch", "/x").pipe(cmd("wc")));
  const run = await execvm(["pipe", "-r", "void", "--debug", "-"], { stdin });
  assert.deepEqual(run, { code: 0, stdout: "", stderr: "touch /x\nwc\n" });
});

Deno.test("pipe rejects input that is not JSON or not a pipeline, with 2 and one line", async () => {
  for (const stdin of ["{", "", "1", '{"type":"command","args":[1]}']) {
    const { code, stderr } = await execvm(["pipe", "-"], { stdin });
    assert.equal(code, 2);
    assert.match(stderr, /^execvm: cannot read [^\n]+\n$/);
  }
});

Deno.test("pipe of a missing file reports that and exits with 2", async () => {
  const { code, stderr } = await execvm(["pipe", "/no/such.json"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^execvm: cannot read the pipeline "\/no\/such\.json": there is no such file\n$/,
  );
});

Deno.test("pipe of a source that is missing or a folder exits with 125 and one line", async () => {
  for (const name of ["/no/such", "/tmp"]) {
    const stdin = JSON.stringify(file(name).pipe(cmd("cat")));
    const { code, stderr } = await execvm(["pipe", "-"], { stdin });
    assert.equal(code, 125);
    assert.match(stderr, /^execvm: cannot read [^\n]+\n$/);
  }
});

Deno.test("pipe prints nothing when the reader of its stdout closes, also after a transform", async () => {
  using folder = tempDir();
  const name = `${folder.path}/p.json`;
  for (const pipeline of [cmd("yes"), cmd("yes").pipe(gzip())]) {
    Deno.writeTextFileSync(name, JSON.stringify(pipeline));
    const { stderr } = await new Deno.Command("sh", {
      args: ["-c", '("$@"; echo "code $?" >&2) | head -c 1', "sh", ...EXECVM, "pipe", name],
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "code 141\n");
  }
});
