import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cmd, local, stream, text } from "../../mod.ts";
import { eventually } from "../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";

const RUN_PIPELINE = fileURLToPath(new URL("../fixtures/run_pipeline.ts", import.meta.url));

/** Runs a pipeline in a separate Deno with a controlling terminal, and kills that Deno. */
async function killOnTerminal(script: string, mark: string): Promise<void> {
  const pipeline = JSON.stringify(cmd("sh", "-c", script).pipe(cmd("cat")));
  const argv = [Deno.execPath(), "run", "-A", RUN_PIPELINE, pipeline] as const;
  const aborter = new AbortController();
  const shell = 'echo $$; exec "$@"';
  const terminal = local({ tty: true }).cmd("sh", "-c", shell, "sh", ...argv);
  let shown = "";
  let pid = 0;
  const screen = new WritableStream<Uint8Array>({
    write(chunk) {
      shown += new TextDecoder().decode(chunk);
      pid ||= Number(/^\d+/.exec(shown)?.[0]);
      if (shown.includes("ready")) Deno.kill(pid, "SIGKILL");
    },
  });
  const run = terminal.env({ [MARK_VARIABLE]: mark }).to(stream(screen));
  const result = await run.run({ check: false, signal: aborter.signal });
  assert.equal(result.stages[0]!.signal, "SIGKILL");
}

Deno.test("a kill leaves no process with a terminal either, where commands share our group", async () => {
  const mark = newMark();
  await killOnTerminal("trap '' HUP; sleep 1000 & echo ready; sleep 1000", mark);
  await eventually(() => processesWith(mark), (found) => found.length === 0, 5000);
});

Deno.test("a command with a terminal can read from it, as it is in the foreground", async () => {
  const read = cmd("sh", "-c", "read line < /dev/tty; echo got $line");
  const argv = [Deno.execPath(), "run", "-A", RUN_PIPELINE, JSON.stringify(read)] as const;
  const output = await text("typed\n").pipe(local({ tty: true }).cmd(...argv)).text();
  assert.match(output, /got typed/);
});

Deno.test("^C at a terminal ends a chain as it ends a command", async () => {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const chain = [
    "chain",
    "--",
    "sh",
    "-c",
    "echo ready; exec sleep 1000",
    "--",
    "echo",
    "never",
  ] as const;
  const argv = [Deno.execPath(), "run", "-A", "--quiet", main, ...chain] as const;
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  let shown = "";
  const keys = new ReadableStream<Uint8Array>({
    async start(controller) {
      await ready;
      controller.enqueue(Uint8Array.of(3));
    },
  });
  const screen = new WritableStream<Uint8Array>({
    write(chunk) {
      shown += new TextDecoder().decode(chunk);
      if (shown.includes("ready")) resolve();
    },
  });
  const result = await stream(keys).pipe(local({ tty: true }).cmd(...argv)).to(stream(screen)).run({
    check: false,
  });
  assert.equal(result.code, 130);
  assert.doesNotMatch(shown, /never/);
});
