// Real machines that fail in different ways, and how QEMU is confined.

import assert from "node:assert/strict";
import { RunnerError, vm, type VmOptions } from "../../mod.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { eventually } from "../support/eventually.ts";
import { tempDir } from "../support/temp_dir.ts";
import "../support/test_cache.ts";
import { needs } from "../support/tools.ts";

const kernel = await findKernel();
const CI = Deno.env.get("CI") !== undefined;

/** A test that needs QEMU and a kernel in the cache; without one it is skipped, except in CI. */
function machineTest(name: string, body: () => Promise<void>): void {
  const test = needs(name, "qemu-system-x86_64");
  if (kernel !== undefined || CI) return Deno.test({ ...test, fn: body });
  Deno.test({
    name: `${name} (skipped: no kernel, run execvm kernel fetch)`,
    ignore: true,
    fn: body,
  });
}

async function failureOf(options: VmOptions, ...argv: [string, ...string[]]): Promise<RunnerError> {
  const mark = `execvm.test=${crypto.randomUUID()}`;
  const runner = vm({ accel: "tcg", template: false, append: mark, ...options });
  const error = await runner.cmd(...argv).run({ check: false }).then(
    (result) => assert.fail(`it ended: ${JSON.stringify(result)}`),
    (reason) => reason,
  );
  assert.ok(error instanceof RunnerError, String(error));
  assert.deepEqual(await processesNaming(mark), []);
  assert.throws(() => Deno.lstatSync(folderOf(error.argv)), Deno.errors.NotFound);
  return error;
}

/** The ids and command lines of processes whose command line contains a text. */
async function processesNaming(mark: string): Promise<{ pid: string; argv: string }[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-ww", "-o", "pid=,args="] })
    .output();
  const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(mark));
  return lines.map((line) => ({ pid: line.trim().split(" ")[0]!, argv: line }));
}

function folderOf(argv: readonly string[]): string {
  return /path=([^,]*)\/control/.exec(argv.join("\n"))![1]!;
}

machineTest(
  "QEMU runs unprivileged, in its sandbox, in its own folder, and can be killed",
  async () => {
    const mark = `execvm.test=${crypto.randomUUID()}`;
    const running = vm({ accel: "tcg", template: false, append: mark }).cmd("sleep", "1000").run();
    running.catch(() => {});
    const [qemu] = await eventually(
      () => processesNaming(mark),
      ({ length }) => length === 1,
      60_000,
    );
    const folder = folderOf([qemu!.argv]);
    const status = await eventually(
      async () => new TextDecoder().decode((await statusOf(qemu!.pid)).stdout),
      (text) => /^Seccomp:\t2$/m.test(text),
      10_000,
    );
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^CapEff:\t0+$/m);
    const isRoot = Deno.uid() === 0;
    if (isRoot) assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
    if (isRoot) assert.match(status, /^Gid:\t65534\t65534\t65534\t65534$/m);
    if (isRoot) assert.match(status, /^Groups:\s*$/m);
    const { mode, uid } = Deno.statSync(folder);
    assert.deepEqual([mode! & 0o777, uid], [0o700, isRoot ? 65534 : Deno.uid()]);

    Deno.kill(Number(qemu!.pid), "SIGKILL");
    await assert.rejects(running, (error) => {
      assert.ok(error instanceof RunnerError);
      assert.match(error.message, /QEMU was killed by SIGKILL/);
      return true;
    });
    assert.throws(() => Deno.lstatSync(folder), Deno.errors.NotFound);
  },
);

/**
 * The status of a process; read by grep, as Deno allows reading /proc only with all permissions.
 */
async function statusOf(pid: string): Promise<Deno.CommandOutput> {
  return await new Deno.Command("grep", { args: ["", `/proc/${pid}/status`] }).output();
}

machineTest("a guest that panics causes an error that reports it", async () => {
  const error = await failureOf({}, "sh", "-c", "echo c > /proc/sysrq-trigger; sleep 100");
  assert.equal(error.phase, "run");
  assert.match(
    error.message,
    /^cannot run the command: the guest panicked \(sysrq.*\):\n\[/,
  );
  assert.match(error.message, /\] +sysrq_handle_crash\+/); // the kernel's trace
  assert.ok(error.message.split("\n").length <= 41, error.message);
  assert.match(error.consoleTail, /Kernel panic/);
});

machineTest("a guest with too little memory to boot causes an error that reports it", async () => {
  const error = await vm({ accel: "tcg", memoryMib: 128 }).cmd("true").run().catch((it) => it);
  assert.ok(error instanceof RunnerError);
  assert.match(error.message, /^cannot boot with 128 MiB of memory: .*: give it more$/);
});

machineTest("a command that takes all memory is killed, and nothing else", async () => {
  const { stages, code } = await vm({ accel: "tcg" }).cmd("tail", "/dev/zero").run({
    check: false,
  });
  assert.equal(stages[0]!.signal, "SIGKILL");
  assert.equal(code, 137);
});

machineTest(
  "a kernel that is not one or truncated, or a damaged initrd, causes an error that reports it",
  async () => {
    using folder = tempDir();
    const none = `${folder.path}/none`;
    Deno.writeTextFileSync(none, "no kernel".repeat(10_000));
    const messageOf = async (kernel: string) =>
      await vm({ kernel }).cmd("true").run().then(() => "", ({ message }) => String(message));
    const noKernel = await messageOf(none);
    assert.match(noKernel, /^cannot boot the kernel ".*none": it is another kind of file, not a/);
    const cut = `${folder.path}/cut`;
    const whole = Deno.readFileSync(kernel!.image);
    Deno.writeFileSync(cut, whole.subarray(0, whole.length / 2));
    const cutKernel = await messageOf(cut);
    assert.match(
      cutKernel,
      /^cannot boot the kernel ".*cut": it is truncated: it has \d+ of/,
    );
    const noInitrd = await failureOf({ initrd: none }, "true");
    assert.match(noInitrd.message, /the guest found no init: the initrd may be damaged/);
  },
);

machineTest("its guest watches for thrashing", async () => {
  const links = vm({ accel: "tcg", template: false }).cmd("ls", "-l", "/proc/1/fd");
  assert.match(await links.text(), /-> \/proc\/pressure\/memory$/m);
});
