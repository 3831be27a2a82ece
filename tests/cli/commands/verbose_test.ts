import assert from "node:assert/strict";
import { execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";

/** The lines of `-v`, without their times. */
function told(stderr: string): string[] {
  const lines = stderr.trimEnd().split("\n");
  return lines.map((line) => line.replace(/^execvm: [\d.]+ s: /, "").replace(/[\d.]+ s\b/, "TIME"));
}

Deno.test("pipe -v logs where stages run, what is started, and how it ended", async () => {
  const stdin = JSON.stringify({
    type: "text",
    text: "hi",
    output: {
      type: "gzip",
      output: { type: "command", args: ["sh", "-c", "cat; exit 3"], env: {} },
    },
  });
  const { code, stderr } = await execvm(["pipe", "-v", "-"], { stdin });
  assert.equal(code, 3);
  const lines = told(stderr);
  assert.deepEqual(lines.slice(0, 3), [
    "stage 1 of 2 runs in this process: gzip",
    "stage 2 of 2 runs on local: sh -c 'cat; exit 3'",
    "starts for local: sh -c 'cat; exit 3'",
  ]);
  assert.ok(lines.includes("stage 2 exited with 3 after TIME"));
  assert.equal(lines.at(-1), "ends with 3");
});

Deno.test("pipe -v logs each item of a fan-out", async () => {
  const pipeline = (args: string[]) => ({ type: "command", args, env: {} });
  const items = [["echo", "a"], ["false"]].map((args, item) => ({
    item,
    pipeline: pipeline(args),
  }));
  const stdin = JSON.stringify({ type: "each", concurrency: 1, items });
  const { code, stdout, stderr } = await execvm(["pipe", "-v", "-"], { stdin });
  assert.deepEqual([code, stdout], [1, "a\n"]);
  const lines = told(stderr).filter((line) => line.startsWith("item"));
  assert.deepEqual(lines, [
    "item 0 begins",
    "item 0: stage 1 exited with 0 after TIME",
    "item 0 succeeded",
    "item 1 begins",
    "item 1: stage 1 exited with 1 after TIME",
    "item 1 failed",
  ]);
});

Deno.test("run -v logs that it becomes the command", async () => {
  const { stdout, stderr } = await execvm(["run", "-v", "--", "echo", "a b"]);
  assert.equal(stdout, "a b\n");
  assert.deepEqual(told(stderr), ["this process becomes: echo 'a b'"]);
});

Deno.test("run -v logs the exact command line of docker", async () => {
  using folder = tempDir();
  const binary = `${folder.path}/docker`;
  Deno.writeTextFileSync(binary, '#!/bin/sh\necho "$0 $*"\n', { mode: 0o755 });
  const args = ["run", "-v", "-r", "docker:image", "--binary", binary, "--", "true"];
  const { stdout, stderr } = await execvm(args);
  const line = told(stderr).find((line) => line.startsWith("starts for docker: "))!;
  assert.equal(line.replace("''", ""), `starts for docker: ${stdout.trimEnd()}`);
  assert.match(stdout, /--name execvm-[\da-f-]{36} /);
});

Deno.test("without -v nothing is logged", async () => {
  const run = await execvm(["run", "--timeout", "60s", "--", "echo", "hi"]);
  assert.deepEqual(run, { code: 0, stdout: "hi\n", stderr: "" });
});
