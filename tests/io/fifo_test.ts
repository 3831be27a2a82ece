import assert from "node:assert/strict";
import { cmd, file } from "../../mod.ts";
import { EXECVM } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";

/** A folder with a named pipe that nothing else has open. */
async function withFifo() {
  const folder = tempDir();
  const path = `${folder.path}/fifo`;
  assert.ok((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
  return { path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** Runs a pipeline for a second. A run that does not end is killed, which fails the test. */
async function runFor1s(pipeline: unknown, env: Readonly<Record<string, string>>) {
  const args = ["-s", "KILL", "60", ...EXECVM, "pipe", "--timeout", "1s", "-"];
  const child = new Deno.Command("timeout", { args, env, stdin: "piped", stdout: "null" }).spawn();
  await ReadableStream.from([JSON.stringify(pipeline)]).pipeThrough(new TextEncoderStream())
    .pipeTo(child.stdin);
  return (await child.status).code;
}

const ENDS: readonly (readonly [string, (name: string) => unknown])[] = [
  ["source", (name) => ({ type: "file", name, output: { type: "command", args: ["cat"] } })],
  ["sink", (name) => ({ type: "command", args: ["echo"], output: { type: "file", name } })],
  ["stderr", (name) => ({ type: "command", args: ["echo"], stderr: { type: "file", name } })],
];

for (const [end, toPipeline] of ENDS) {
  for (const env of [{}, { EXECVM_NO_FFI: "1" }]) {
    const how = Object.keys(env).length === 0 ? "" : ", without FFI";
    Deno.test(`a named pipe as ${end} that nothing else opens ends with the run${how}`, async () => {
      using fifo = await withFifo();
      assert.equal(await runFor1s(toPipeline(fifo.path), env), 124);
    });
  }
}

Deno.test("what is written to a named pipe by one pipeline is read by another", async () => {
  using fifo = await withFifo();
  const bytes = "0123456789".repeat(10_000);
  const [, text] = await Promise.all([
    cmd("printf", "%s", bytes).to(file(fifo.path)).run(),
    file(fifo.path).pipe(cmd("cat")).text(),
  ]);
  assert.equal(text, bytes);
});

Deno.test("a writer that writes nothing is not waited for beyond the run", async () => {
  using fifo = await withFifo();
  const writer = new Deno.Command("sh", { args: ["-c", 'exec sleep 60 >"$1"', "sh", fifo.path] })
    .spawn();
  try {
    const result = await file(fifo.path).pipe(cmd("cat")).run({ timeoutMs: 500, check: false });
    assert.equal(result.code, 124);
  } finally {
    writer.kill("SIGKILL");
    await writer.status;
  }
});
