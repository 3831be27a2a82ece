// Tests machines with KVM: how they start, how they are confined, and how they end.

import assert from "node:assert/strict";
import { RunnerError, stream, vm } from "../../../mod.ts";
import { memoryPath } from "../../../src/qemu/accel_host.ts";
import { EXECVM, execvm } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../../support/processes.ts";
import { BOOT_MS, booted, KVM, SEES_KVM } from "./kvm.ts";

const CGROUPS = "/sys/fs/cgroup";

/** The arguments of a run with KVM. */
const RUN = ["run", "-r", "vm", "--boot-timeout-ms", String(BOOT_MS)] as const;

/** Prints that it is ready, then does not end. */
const LASTING = ["sh", "-c", "echo ready; sleep 1000"] as const;

async function failureOf(run: Promise<unknown>): Promise<RunnerError> {
  const error = await run.then(() => assert.fail("it ended"), (reason) => reason);
  assert.ok(error instanceof RunnerError, String(error));
  return error;
}

/** Returns the cgroups of machines. */
function cgroups(): string[] {
  return [...Deno.readDirSync(CGROUPS)].map(({ name }) => name)
    .filter((name) => name.startsWith("execvm-"));
}

/** Returns the pid and status of the running QEMU. */
async function qemu(): Promise<{ readonly pid: number; readonly status: string }> {
  const look = "pid=$(pgrep -f ' -[n]odefaults ') && echo $pid && cat /proc/$pid/status";
  const { stdout } = await new Deno.Command("sh", { args: ["-c", look] }).output();
  const [line, ...status] = new TextDecoder().decode(stdout).split("\n");
  return { pid: Number(line), status: status.join("\n") };
}

Deno.test("doctor finds KVM, and cgroups for QEMU", async () => {
  const { stdout } = await execvm(["doctor"]);
  assert.match(stdout, /^ok +KVM: \/dev\/kvm can be used$/m);
  assert.match(stdout, /^ok +cgroup: it limits memory and cpu of QEMU$/m);
});

Deno.test("a machine that is booted sees KVM, and leaves no cgroup", async () => {
  assert.match(await booted().cmd("dmesg").text(), SEES_KVM);
  assert.deepEqual(cgroups(), []);
});

Deno.test("a boot that is not ready in time costs an error that says so", async () => {
  const error = await failureOf(booted({ bootTimeoutMs: 1000 }).cmd("true").run());
  assert.ok(["start", "boot"].includes(error.phase), error.phase); // QEMU itself may be slow
  assert.match(error.message, /not ready after 1000 ms/);
});

Deno.test("auto does not remember a first boot that was late where emulation was not quicker", async () => {
  const runner = vm({ accel: "auto", template: false, bootTimeoutMs: 1000 });
  const error = await failureOf(runner.cmd("true").run());
  assert.match(error.consoleTail, /^execvm: .*a first boot with KVM was not ready in 1 s; /);
  assert.throws(() => Deno.statSync(memoryPath()), Deno.errors.NotFound);
});

Deno.test("the first command makes a template, under KVM", async () => {
  assert.match(await vm(KVM).cmd("dmesg").text(), SEES_KVM);
});

Deno.test("each command has a clone of its own", async () => {
  const script =
    "dmesg | grep -c 'Hypervisor detected: KVM'; hostname; head -c 8 /dev/urandom | od";
  const clone = () => vm(KVM).cmd("sh", "-c", script).lines();
  const [one, other] = [await clone(), await clone()];
  assert.deepEqual([one[0], other[0]], ["1", "1"]);
  assert.notEqual(one[1], other[1]);
  assert.notEqual(one[2], other[2]);
});

Deno.test("--accel kvm and auto both use KVM, and auto remembers that it was ready", async () => {
  for (const accel of ["kvm", "auto"]) {
    const { code, stdout, stderr } = await execvm([...RUN, "--accel", accel, "--", "dmesg"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, SEES_KVM);
    assert.doesNotMatch(stderr, /emulation/);
  }
  const [entry] = Object.values(JSON.parse(Deno.readTextFileSync(memoryPath())));
  assert.equal((entry as { outcome: string }).outcome, "ready");
});

Deno.test("QEMU is nobody, of the group of /dev/kvm, without capabilities, in seccomp and a cgroup", async () => {
  const aborter = new AbortController();
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const sink = stream(new WritableStream({ write: () => resolve() }));
  const run = vm(KVM).cmd(...LASTING).to(sink).run({ signal: aborter.signal });
  await Promise.race([ready, run]);
  const { pid, status } = await qemu();
  assert.match(status, /^Seccomp:\t2$/m);
  const { gid } = Deno.statSync("/dev/kvm");
  assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
  assert.match(status, new RegExp(`^Gid:\t${gid}\t${gid}\t${gid}\t${gid}$`, "m"));
  assert.match(status, /^Groups:\s*$/m);
  assert.match(status, /^CapEff:\t0+$/m);
  assert.match(status, /^NoNewPrivs:\t1$/m);
  const [name] = cgroups();
  const read = (file: string) => Deno.readTextFileSync(`${CGROUPS}/${name}/${file}`).trim();
  assert.equal(read("memory.max"), String((512 + 256) * 2 ** 20));
  assert.equal(read("cpu.max"), "200000 100000");
  assert.equal(read("cgroup.procs"), String(pid));
  aborter.abort();
  await assert.rejects(run);
  assert.deepEqual(cgroups(), []);
});

Deno.test("a guest that panics costs an error that says so", async () => {
  const script = "echo c > /proc/sysrq-trigger; sleep 1000";
  const error = await failureOf(vm(KVM).cmd("sh", "-c", script).run());
  assert.equal(error.phase, "run");
  assert.match(
    error.message,
    /^cannot run the command: the guest panicked \(sysrq.*\):\n.* Comm: sh /,
  );
  assert.match(error.message, /\n sysrq_handle_crash\+/); // the stack trace of the panic
});

Deno.test("a pool keeps clones ready", async () => {
  {
    await using runner = vm({ ...KVM, pool: 2 });
    const names = await Promise.all([1, 2, 3].map(() => runner.cmd("hostname").text()));
    assert.equal(new Set(names).size, 3);
    await eventually(cgroups, ({ length }) => length === 2, 600_000);
    assert.match(await runner.cmd("dmesg").text(), SEES_KVM);
  }
  assert.deepEqual(cgroups(), []);
});

Deno.test("SIGTERM to all of a run's processes leaves no process and no cgroup", async () => {
  const mark = newMark();
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), ...RUN, "--accel", "kvm", "--", ...LASTING],
    env: { [MARK_VARIABLE]: mark },
    stdin: "null",
    stdout: "piped",
    detached: true,
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const { pid } = await qemu();
  Deno.kill(pid, "SIGTERM");
  Deno.kill(-child.pid, "SIGTERM");
  await reader.cancel();
  assert.notEqual((await child.status).code, 0);
  assert.deepEqual(
    await eventually(() => processesWith(mark), ({ length }) => length === 0, 60_000),
    [],
  );
  assert.deepEqual(await eventually(cgroups, ({ length }) => length === 0, 60_000), []);
});
