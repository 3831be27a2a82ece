// Tests what is specific to ssh with an inner runner: the remote execvm, how it is copied, and how
// it fails.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  local,
  type RunEvent,
  RunnerError,
  ssh,
  type SshOptions,
  stream,
  text,
  vm,
} from "../../../mod.ts";
import { VERSION } from "../../../src/self/version.ts";
import { EXECVM } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { makeRemoteHost } from "../../support/remote_host.ts";
import { KERNEL } from "../../support/kernel.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../../support/processes.ts";
import { SSH } from "../../support/sshd.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

const mark = newMark();
const host = await makeRemoteHost({ [MARK_VARIABLE]: mark });
const PROGRAMS = `${host.cache}/bin`;
const MACHINES = ["qemu-system-x86_64", "busybox", KERNEL];

function test(name: string, fn: () => Promise<void>, tools: readonly string[] = []): void {
  Deno.test({ ...needs(name, ...SSH, ...tools), fn });
}

function there(options: Partial<SshOptions> = {}) {
  return ssh({ ...host.options, inner: local(), ...options });
}

/** Runs a command on a new runner; returns whether execvm was copied. */
async function copiesFor(options: Partial<SshOptions> = {}): Promise<boolean> {
  await using runner = there(options);
  const phases: string[] = [];
  const onEvent = (event: RunEvent) => void (event.type === "phase" && phases.push(event.phase));
  assert.equal(await text("typed").pipe(runner.cmd("cat")).text({ onEvent }), "typed");
  return phases.includes("copying");
}

/** Runs a command that cannot run, and returns the error. */
async function failureOf(options: Partial<SshOptions>, ...argv: string[]): Promise<RunnerError> {
  await using runner = there(options);
  const [program = "true", ...args] = argv;
  const error: unknown = await runner.cmd(program, ...args).run().catch((error) => error);
  assert.ok(error instanceof RunnerError, String(error));
  assert.equal(error.runner, "ssh");
  return error;
}

/** Makes a program on the host that is given as the execvm. */
function programThere(name: string, script: string): string {
  const path = `${host.folder}/${name}`;
  Deno.writeTextFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

function copies(): string[] {
  return [...Deno.readDirSync(PROGRAMS)].map(({ name }) => name);
}

test("two runners that start at once both copy execvm, and one copy is left", async () => {
  await Promise.all([copiesFor(), copiesFor()]);
  assert.equal(copies().length, 1);
});

test("execvm is copied once, under its hash, and again if the copy was changed", async () => {
  await copiesFor();
  assert.equal(await copiesFor(), false);
  const [name] = copies();
  const bytes = Deno.readFileSync(`${PROGRAMS}/${name}`);
  assert.equal(name, `${createHash("sha256").update(bytes).digest("hex")}.js`);
  bytes[bytes.length >> 1]! ^= 1;
  Deno.writeFileSync(`${PROGRAMS}/${name}`, bytes);
  assert.equal(await copiesFor(), true);
  assert.equal(await copiesFor(), false);
  assert.deepEqual(copies(), [name]);
});

test("many commands of one runner wait for one copy", async () => {
  Deno.removeSync(PROGRAMS, { recursive: true });
  await using runner = there();
  let copied = 0;
  const onEvent = (event: RunEvent) => {
    if (event.type === "phase" && event.phase === "copying") copied++;
  };
  await Promise.all(["a", "b", "c", "d"].map((word) => runner.cmd("echo", word).run({ onEvent })));
  assert.equal(copied, 1);
});

test("an abort during the copy leaves nothing of it, and the next command copies again", async () => {
  Deno.removeSync(PROGRAMS, { recursive: true });
  await using runner = there();
  const aborter = new AbortController();
  const onEvent = (event: RunEvent) => {
    if (event.type === "phase" && event.phase === "copying") aborter.abort();
  };
  await assert.rejects(runner.cmd("true").run({ signal: aborter.signal, onEvent }), {
    name: "AbortError",
  });
  assert.equal(await runner.cmd("echo", "again").text(), "again");
  await eventually(copies, ({ length }) => length === 1, 5000);
});

test("without Deno on the remote host the error says what to do", async () => {
  const error = await failureOf({ deno: "/no/such/deno" });
  assert.match(
    error.message,
    /^cannot install execvm on the remote host: \/no\/such\/deno is not there, .*npm/,
  );
  assert.equal(error.phase, "copy");
});

test("a remote execvm that does not exist is an error", async () => {
  const { message } = await failureOf({ execvm: "/no/such/execvm" });
  assert.match(
    message,
    /^cannot run on the remote host: \/no\/such\/execvm does not run on the remote host: .*\/no\/such\/execvm/,
  );
});

test("a remote execvm of another version is an error that says so", async () => {
  const old = programThere("old", 'if [ "$1" = --version ]; then echo 0.0.9; else exit 2; fi');
  const { message } = await failureOf({ execvm: old });
  assert.match(
    message,
    /execvm is 0\.0\.9 on the remote host and \d.* here: use the same version on both sides/,
  );
});

test("a remote execvm with another protocol is an error that says so", async () => {
  await copiesFor();
  const newer = programThere("newer", `shift 2; exec deno run -A ${PROGRAMS}/* far 2 "$@"`);
  const { message } = await failureOf({ execvm: newer });
  assert.match(message, /cannot work together: this execvm is /);
});

test("killing the remote execvm is an error, not the end of its command", async () => {
  const dying = programThere(
    "dying",
    `[ "$1" = --version ] && { echo '${VERSION} (0123456789ab)'; exit; }; kill -KILL $$`,
  );
  const { message, phase } = await failureOf({ execvm: dying });
  assert.match(message, /execvm on the remote host ended with code 137 and gave no reason/);
  assert.equal(phase, "run");
});

test("a command's own 125 is distinguished from a failure of the remote machinery", async () => {
  await using runner = there({
    inner: vm({ kernel: "/no/such/kernel", initrd: "/no/such/initrd" }),
  });
  await assert.rejects(runner.cmd("true").run(), {
    name: "RunnerError",
    message: /^cannot run on the remote host: execvm there reports: .*\/no\/such\/kernel/,
  });
  await using plain = there();
  const { stages } = await plain.cmd("sh", "-c", "echo said >&2; exit 125").run({ check: false });
  assert.deepEqual([stages[0]!.code, stages[0]!.stderrTail], [125, "said\n"]);
});

test("an abort lets a remote command end gracefully", async () => {
  await using runner = there();
  const script =
    `trap 'echo >${host.folder}/cleaned; exit 3' TERM; echo; while :; do sleep 0.1; done`;
  const aborter = new AbortController();
  const ready = new WritableStream({ write: () => aborter.abort() });
  const run = runner.cmd("sh", "-c", script).to(stream(ready)).run({ signal: aborter.signal });
  await assert.rejects(run, { name: "AbortError" });
  await Deno.stat(`${host.folder}/cleaned`);
});

test("a host behind another host is reached by the execvm in between", async () => {
  await using runner = there({ inner: there({ inner: local() }) });
  const { stages } = await text("a\nb\n").pipe(runner.cmd("sh", "-c", "wc -l; exit 139"))
    .run({ check: false });
  assert.deepEqual([stages[0]!.code, stages[0]!.signal], [139, undefined]);
});

test("machines are cloned from a template in the remote cache", async () => {
  await using runner = there({ inner: vm({ memoryMib: 384 }) });
  assert.equal(await text("typed").pipe(runner.cmd("cat")).text(), "typed");
  const templates = [...Deno.readDirSync(`${host.cache}/templates`)]
    .filter(({ isDirectory }) => isDirectory);
  assert.equal(templates.length, 1);
  const megabytes = "awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo";
  const size = Number(await runner.cmd("sh", "-c", megabytes).text());
  assert.ok(size > 256 && size < 384, `${size}`);
}, MACHINES);

test("killing execvm with SIGKILL leaves no remote machine", async () => {
  const { user, identity, options } = host.options;
  const args = [
    ...["run", "-r", `ssh:${host.options.host}`, "-r", "vm", "--memory", "384"],
    ...["--user", user!, "--identity", identity!],
    ...Object.entries(options!).flatMap(([name, value]) => ["--option", `${name}=${value}`]),
    ...["--", "sh", "-c", "echo ready; sleep 1000"],
  ];
  const [program, ...first] = EXECVM;
  const child = new Deno.Command(program, {
    args: [...first, ...args],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assert.equal(new TextDecoder().decode(value), "ready\n");
  const before = await processesWith(mark);
  assert.ok(before.some((line) => line.includes("qemu-system")), before.join("\n"));
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  await eventually(() => processesWith(mark), ({ length }) => length === 0, 5000);
}, MACHINES);

test(
  "files of a machine on the host are copied from here to it, and outputs back, and no folder is left",
  async () => {
    using here = tempDir();
    Deno.mkdirSync(`${here.path}/tree`);
    Deno.writeTextFileSync(`${here.path}/tree/x`, "from here\n");
    const inner = vm({
      files: { "/tree": `${here.path}/tree`, "/b": new TextEncoder().encode("bytes\n") },
      outputs: { "/out": `${here.path}/out`, "/none": `${here.path}/none` },
      outputsAlways: true,
    });
    await using runner = there({ inner, files: { own: Uint8Array.of(1) } });
    const script = "mkdir /out; cat /tree/x /b >/out/y; exit 3";
    const { code } = await runner.cmd("sh", "-c", script).run({ check: false });
    assert.equal(code, 3);
    assert.equal(Deno.readTextFileSync(`${here.path}/out/y`), "from here\nbytes\n");
    assert.deepEqual([...Deno.readDirSync(here.path)].map(({ name }) => name).sort(), [
      "out",
      "tree",
    ]);
    const missing = there({ inner: vm({ outputs: { "/none": `${here.path}/none` } }) });
    await using _missing = missing;
    await assert.rejects(missing.cmd("true").run(), /"\/none".*there is no such file or folder/);
  },
  MACHINES,
);
