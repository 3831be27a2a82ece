// A machine that misbehaves causes an error, but no use of memory or time, and leaves nothing
// behind.

import assert from "node:assert/strict";
import { RunnerError, vm } from "../../mod.ts";
import type { ExitStatus } from "../../src/libc/spawn.ts";
import { MachineError } from "../../src/machine/machine_error.ts";
import { qemuVersion } from "../../src/qemu/version.ts";
import { type GuestStdio, VirtualMachine } from "../../src/vm/virtual_machine.ts";
import { eventually, patient } from "../support/eventually.ts";
import { type FakeMachine, fakeMachine } from "../support/fake_qemu.ts";
import { tempDir } from "../support/temp_dir.ts";

const BOOT_MS = 20_000;

function specOf({ qemu, kernel, initrd }: FakeMachine) {
  const append = "console=ttyS0";
  const spec = { machine: "q35", accel: "tcg", cpus: 1, memoryMib: 64, append } as const;
  return { ...spec, qemu, kernel, initrd };
}

/** Empty input, and outputs that count their bytes. */
function quietStdio(options: Partial<GuestStdio> = {}): GuestStdio {
  const output = { write: () => Promise.resolve(true), gone: new Promise<void>(() => {}) };
  const stdin = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  return { stdin, stdout: output, stderr: output, ...options };
}

async function run(
  fake: FakeMachine,
  { stdio = quietStdio(), bootMs = BOOT_MS } = {},
): Promise<ExitStatus> {
  await using machine = await VirtualMachine.boot(specOf(fake), bootMs);
  return await machine.run({ commands: [["true"]], env: {} }, stdio);
}

/** The error that it causes, after a check that nothing is left behind. */
async function failureOf(fake: FakeMachine, running: Promise<unknown>): Promise<MachineError> {
  const error = await running.then(() => assert.fail("it succeeded"), (reason) => reason);
  assert.ok(error instanceof MachineError, String(error));
  await assertNothingLeft(fake, error.argv);
  return error;
}

async function assertNothingLeft({ mark }: FakeMachine, argv: readonly string[]): Promise<void> {
  await eventually(() => processesNaming(mark), (left) => left.length === 0, 2000);
  const folder = /path=([^,]*)\/control/.exec(argv.join("\n"))?.[1];
  if (folder !== undefined) assert.throws(() => Deno.lstatSync(folder), Deno.errors.NotFound);
}

/** The command lines of processes that contain a text. */
async function processesNaming(mark: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-ww", "-o", "args="] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(mark));
}

for (
  const [misdeed, phase, message] of [
    ["dies at once", "start", /exited with code 1:\nfake: no such machine$/],
    ["connects half", "start", /exited with code 3/],
    ["leaves a child", undefined, /exited with code 1/], // the phase is a race
    ["ends before hello", "boot", /ended before it was ready:\nconsole: booted red$/],
    ["panics", "boot", /the guest panicked \(Attempted to kill init!\)/],
    ["is killed", "boot", /QEMU was killed by SIGKILL/],
    ["floods with garbage", "boot", /cannot (take|read) a frame/],
    ["says hello of another version", "boot", /version 99 of the protocol, not 5/],
    ["says exit before hello", "boot", /its first message is exit/],
    ["floods with messages", "run", /sent stdin-closed twice/],
    ["says hello twice", "run", /sent hello while a command ran/],
    ["says exit before the end", "run", /sent exit before the end of its output/],
    ["says end twice", "run", /sent end of stdout twice/],
    ["says more than it sends, and closes", "run", /powered itself off/],
    ["says more than it sends, and is silent", "run", /fewer bytes than it announced/],
    ["says less than it sends", "run", /sent more bytes than it announced/],
    ["closes within a message", "run", /powered itself off/],
    ["fails", "run", /cannot run the command: no \ufffd\[2J hope/],
  ] as const
) {
  Deno.test(`a machine that ${misdeed} causes an error of phase ${phase ?? "start or boot"}`, async () => {
    using fake = fakeMachine(misdeed);
    const error = await failureOf(fake, run(fake));
    if (phase !== undefined) assert.equal(error.phase, phase, error.message);
    assert.match(error.message, message);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(error.message + error.consoleTail, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    assert.equal(error.argv[0], fake.qemu);
    assert.ok(error.argv.includes(fake.kernel));
    if (phase !== "start") assert.match(error.consoleTail, /console: booted red/);
  });
}

for (const misdeed of ["never connects", "says nothing", "floods the console"]) {
  Deno.test(`a machine that ${misdeed} is killed at its boot timeout`, async () => {
    using fake = fakeMachine(misdeed);
    const start = performance.now();
    const error = await failureOf(fake, run(fake, { bootMs: 1500 }));
    assert.match(error.message, /: it was not ready after 1500 ms/);
    assert.ok(performance.now() - start < patient(5000));
    assert.ok(error.consoleTail.length < 20_000);
  });
}

for (
  const [misdeed, code] of [["says exit twice", 3], ["never reads", 7], [
    "sends more after the end",
    undefined,
  ]] as const
) {
  Deno.test(`a machine that ${misdeed} does no harm`, async () => {
    using fake = fakeMachine(misdeed);
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
    });
    let bytes = 0;
    const write = (chunk: Uint8Array) => Promise.resolve((bytes += chunk.length) >= 0);
    const stdout = { write, gone: new Promise<void>(() => {}) };
    const running = run(fake, { stdio: quietStdio({ stdin: endless, stdout }) });
    if (code === undefined) return void await failureOf(fake, running); // bytes may arrive first
    assert.deepEqual(await running, { code });
    assert.equal(bytes, 0);
    await assertNothingLeft(fake, []);
  });
}

Deno.test("a machine that floods stdout is held back by a slow sink", async () => {
  using fake = fakeMachine("floods stdout");
  await using machine = await VirtualMachine.boot(specOf(fake), BOOT_MS);
  const full = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<boolean>();
  let chunks = 0;
  const stdout = {
    write(chunk: Uint8Array) {
      if (++chunks < 3) return Promise.resolve(chunk.length > 0);
      full.resolve();
      return slow.promise;
    },
    gone: new Promise<void>(() => {}),
  };
  const exited = machine.run({ commands: [["yes"]], env: {} }, quietStdio({ stdout }));
  await full.promise;
  const before = Deno.memoryUsage().rss;
  await new Promise((resolve) => setTimeout(resolve, 500)); // enough to send a gigabyte
  assert.ok(Deno.memoryUsage().rss - before < 32 << 20);
  assert.equal(chunks, 3);
  machine.kill("SIGKILL");
  slow.resolve(false);
  assert.deepEqual(await exited, { signal: "SIGKILL" });
});

Deno.test("a QEMU that is too old is reported", async () => {
  using fake = fakeMachine("says nothing", "5.2.0");
  const error = await failureOf(fake, run(fake));
  assert.match(error.message, /: it is version 5\.2\.0, and 6\.2 is the oldest that works/);
});

Deno.test("a QEMU that is missing or not executable is reported", async () => {
  using fake = fakeMachine("says nothing");
  const missing = await failureOf(fake, run({ ...fake, qemu: "qemu-system-nonexistent" }));
  assert.match(missing.message, /not installed: apt-get install/);
  const nowhere = await failureOf(fake, run({ ...fake, qemu: "/nonexistent/qemu" }));
  assert.match(nowhere.message, /\/nonexistent\/qemu: there is no such file$/);
  const unexecutable = await failureOf(fake, run({ ...fake, qemu: fake.kernel }));
  assert.match(unexecutable.message, /[Pp]ermission (denied|to execute)/);
  assert.equal(unexecutable.phase, "start");
});

Deno.test({
  name: "a QEMU in a folder that its user cannot enter is reported",
  ignore: Deno.uid() !== 0,
  async fn() {
    using fake = fakeMachine("says nothing");
    using closed = tempDir(); // of mode 0700
    const qemu = `${closed.path}/qemu`;
    Deno.copyFileSync(fake.qemu, qemu);
    await qemuVersion(qemu); // which we may execute; it leaves no process
    const { message } = await failureOf(fake, run({ ...fake, qemu }));
    assert.equal(
      message,
      `cannot start ${qemu}: user 65534 (nobody), which QEMU runs as, has no permission to execute it`,
    );
  },
});

Deno.test("a kernel or initrd that is missing, empty or a folder is reported before anything starts", async () => {
  using fake = fakeMachine("says nothing");
  Deno.writeTextFileSync(`${fake.mark}/empty`, "");
  for (
    const [path, fact] of [
      [`${fake.mark}/nope`, /there is no such file/],
      [`${fake.mark}/empty`, /it is empty/],
      [fake.mark, /it is a folder/],
    ] as const
  ) {
    for (const what of ["kernel", "initrd"]) {
      const error = await failureOf(fake, run({ ...fake, [what]: path }));
      assert.match(error.message, fact);
      assert.ok(error.message.includes(`${what} ${path}`));
    }
  }
});

Deno.test("a silent machine is killed by a timeout at once, before it has booted", async () => {
  using fake = fakeMachine("says nothing");
  const { qemu, kernel, initrd } = fake;
  const runner = vm({ accel: "tcg", template: false, qemu, kernel, initrd });
  const start = performance.now();
  const result = await runner.cmd("true").run({ timeoutMs: 500, check: false });
  assert.ok(performance.now() - start < patient(2500));
  assert.deepEqual([result.timedOut, result.stages[0]!.signal], [true, "SIGTERM"]);
  await assertNothingLeft(fake, []);
});

Deno.test("a failure of a machine is a RunnerError of vm()", async () => {
  using fake = fakeMachine("panics");
  const { qemu, kernel, initrd } = fake;
  const error = await vm({ accel: "tcg", template: false, qemu, kernel, initrd }).cmd("true").run()
    .then(() => assert.fail("it succeeded"), (reason) => reason);
  assert.ok(error instanceof RunnerError);
  assert.deepEqual([error.runner, error.phase, error.argv[0]], ["vm", "boot", qemu]);
  assert.match(error.message, /^cannot boot the guest: the guest panicked \(Attempted/);
  assert.match(error.consoleTail, /Kernel panic/);
});
