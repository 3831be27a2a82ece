// Tests what is specific to Slurm with an inner runner, on the nodes of a real cluster on this
// machine.

import assert from "node:assert/strict";
import {
  local,
  type Result,
  type RunEvent,
  RunnerError,
  slurm,
  type SlurmOptions,
  stream,
  text,
  vm,
} from "../../../mod.ts";
import { EXECVM } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { KERNEL } from "../../support/kernel.ts";
import { MARK_VARIABLE, newMark, processesLike, processesWith } from "../../support/processes.ts";
import { SLURM, useCluster } from "../../support/slurm.ts";
import { templateCache } from "../../support/template_cache.ts";
import { needs } from "../../support/tools.ts";

await useCluster();

const MACHINES = ["qemu-system-x86_64", "busybox", KERNEL];

function test(name: string, fn: () => Promise<void>, tools: readonly string[] = []): void {
  Deno.test({ ...needs(name, ...SLURM, ...tools), fn });
}

function there(options: Partial<SlurmOptions> = {}) {
  return slurm({ inner: local(), ...options });
}

async function statusOf(result: Promise<Result>) {
  const [stage] = (await result).stages;
  return [stage!.code, stage!.signal, stage!.stderrTail];
}

test("execvm is copied once into the cache that the nodes share", async () => {
  using _cache = templateCache(); // the nodes have our environment
  const phases: string[] = [];
  const onEvent = (event: RunEvent) => void (event.type === "phase" && phases.push(event.phase));
  const runner = there({ options: { comment: newMark() } }); // no earlier test requested such jobs
  const echo = async () => await text("typed").pipe(runner.cmd("cat")).text({ onEvent });
  assert.deepEqual([await echo(), await echo()], ["typed", "typed"]);
  assert.equal(phases.filter((phase) => phase === "copying").length, 1);
});

test("codes and signals are distinguished, and stderr is the command's own", async () => {
  const run = (script: string) => statusOf(there().cmd("sh", "-c", script).run({ check: false }));
  assert.deepEqual(await run("printf said >&2; exit 125"), [125, undefined, "said"]);
  assert.deepEqual(await run("echo said >&2; exit 139"), [139, undefined, "said\n"]);
  assert.deepEqual(await run("kill -SEGV $$"), [undefined, "SIGSEGV", ""]);
  assert.deepEqual((await run("no-such-command")).slice(0, 2), [127, undefined]);
});

test("a message of the machinery on the node becomes an error, and is not on stderr", async () => {
  const inner = vm({ kernel: "/no/such/kernel", initrd: "/no/such/initrd" });
  const said: Uint8Array[] = [];
  const sink = new WritableStream<Uint8Array>({ write: (chunk) => void said.push(chunk) });
  const error: unknown = await there({ inner }).cmd("true").stderr(stream(sink)).run()
    .catch((error) => error);
  assert.ok(error instanceof RunnerError, String(error));
  assert.match(
    error.message,
    /^cannot run on Slurm: execvm on the node reports: .*\/no\/such\/kernel/,
  );
  assert.deepEqual([error.runner, said], ["slurm", []]);
});

test("an execvm that is not on the node is an error", async () => {
  await assert.rejects(there({ execvm: "/no/such/execvm" }).cmd("true").run(), {
    name: "RunnerError",
    message: /execvm on the node ended with code 127; its last message: .*\/no\/such\/execvm/,
  });
});

test("commands of one pipeline run at once, each by an execvm", async () => {
  const runner = there();
  const count = runner.cmd("printf", "b\na\n").pipe(runner.cmd("sort")).pipe(
    runner.cmd("head", "-1"),
  );
  assert.equal(await count.text(), "a");
});

test("a command runs in a machine on a node: stdin, status, terminal", async () => {
  const runner = slurm({ inner: vm() });
  const script = "cat; hostname; exit 125";
  const result = text("typed\n").pipe(runner.cmd("sh", "-c", script)).run({ check: false });
  assert.deepEqual(await statusOf(result), [125, undefined, ""]);
  const onTerminal = slurm({ inner: vm({ tty: true }) });
  const tested = text("typed\n").pipe(
    onTerminal.cmd("sh", "-c", "test -t 0 && read line && echo got $line"),
  );
  assert.match(await tested.text(), /got typed\r?$/m);
}, MACHINES);

test("neither an abort nor a SIGKILL to execvm leaves a machine on a node", async () => {
  const mark = newMark();
  const lasting = ["sh", "-c", "echo ready; sleep 1000"] as const;
  const aborter = new AbortController();
  const ready = new WritableStream({ write: () => aborter.abort() });
  const command = slurm({ inner: vm() }).cmd(...lasting).env({ [MARK_VARIABLE]: mark });
  await assert.rejects(command.to(stream(ready)).run({ signal: aborter.signal }), {
    name: "AbortError",
  });
  await eventually(() => processesLike(mark), ({ length }) => length === 0, 5000);

  const [program, ...args] = EXECVM;
  const child = new Deno.Command(program, {
    args: [...args, "run", "-r", "slurm", "-r", "vm", "--", ...lasting],
    env: { [MARK_VARIABLE]: mark },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "ready\n");
  const before = await processesWith(mark); // the node has our environment
  assert.ok(before.some((line) => line.includes("qemu-system")), before.join("\n"));
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  await eventually(() => processesWith(mark), ({ length }) => length === 0, 5000);
}, MACHINES);
