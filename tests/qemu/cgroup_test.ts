// Processes in real cgroups, of whichever version this host has.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ensureInitrd, kindOfInitrd } from "../../guest-build/ensure_initrd.ts";
import { bytes, vm } from "../../mod.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { MachineError } from "../../src/machine/machine_error.ts";
import { qemuBounds } from "../../src/qemu/bounded_process.ts";
import { type Cgroup, makeCgroup } from "../../src/qemu/cgroup.ts";
import type { CgroupPlace } from "../../src/qemu/cgroup_places.ts";
import { checkCgroup } from "../../src/vm/checks.ts";
import { VirtualMachine } from "../../src/vm/virtual_machine.ts";
import { tool } from "../archive/fixture.ts";
import { eventually } from "../support/eventually.ts";
import { fakeMachine } from "../support/fake_qemu.ts";
import { KERNEL } from "../support/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const OWNER = fileURLToPath(new URL("../fixtures/bounded.ts", import.meta.url));
const QEMU = "qemu-system-x86_64";
const BOUNDS = { memoryMib: 64, cpus: 1 } as const;

/** The controllers that are available here; undefined if none. */
function controllers(): readonly string[] | undefined {
  try {
    using cgroup = makeCgroup(BOUNDS);
    return cgroup.controllers;
  } catch {
    return undefined;
  }
}

const there = controllers();

/** A test that needs a memory limit. */
function cgroupTest(name: string, fn: () => Promise<void>): void {
  const ignore = there?.includes("memory") !== true;
  Deno.test({ name: ignore ? `${name} (skipped: no cgroup can be made)` : name, ignore, fn });
}

function read({ folders }: Cgroup, name: string): string | undefined {
  for (const folder of folders) {
    try {
      return Deno.readTextFileSync(`${folder}/${name}`).trim();
    } catch {
      // it is in the other folder
    }
  }
  return undefined;
}

cgroupTest(
  "a process that exceeds its cgroup's memory is killed and counted",
  async () => {
    using cgroup = makeCgroup(BOUNDS);
    // The shell waits until it is in the cgroup: then tail buffers an endless line.
    const script = "read line; exec tail -n 1 /dev/zero";
    const child = new Deno.Command("sh", {
      args: ["-c", script],
      stdin: "piped",
      stdout: "null",
    }).spawn();
    await cgroup.add(child.pid);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("go\n"));
    await writer.close();
    assert.equal((await child.status).signal, "SIGKILL");
    assert.equal(cgroup.oomKills(), 1);
  },
);

cgroupTest("a cgroup has the limits that it was made with, and is removed when disposed", () => {
  const cgroup = makeCgroup({ memoryMib: 100, cpus: 1.5 });
  const memory = read(cgroup, "memory.max") ?? read(cgroup, "memory.limit_in_bytes");
  assert.equal(memory, String(100 * 2 ** 20));
  if (cgroup.controllers.includes("cpu")) {
    const cpu = read(cgroup, "cpu.max") ?? read(cgroup, "cpu.cfs_quota_us");
    assert.match(cpu!, /^150000( 100000)?$/);
  }
  assert.equal(cgroup.oomKills(), 0);
  cgroup[Symbol.dispose]();
  for (const folder of cgroup.folders) assert.throws(() => Deno.statSync(folder));
  return Promise.resolve();
});

cgroupTest("a cgroup is removed with the process that made it, also after SIGKILL", async () => {
  const owner = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", OWNER],
    stdout: "piped",
  }).spawn();
  let line = "";
  for await (const text of owner.stdout.pipeThrough(new TextDecoderStream())) {
    line += text;
    if (line.includes("\n")) break;
  }
  const folders: string[] = JSON.parse(line);
  for (const folder of folders) assert.ok(Deno.statSync(folder).isDirectory);
  owner.kill("SIGKILL");
  await owner.status;
  const left = () => folders.filter((folder) => isFolder(folder));
  await eventually(left, (those) => those.length === 0, 30_000);
});

cgroupTest("a QEMU that exceeds its memory limit is reported as such", async () => {
  using fake = fakeMachine("takes memory");
  const { qemu, kernel, initrd } = fake;
  const spec = {
    qemu,
    kernel,
    initrd,
    machine: "q35",
    cpus: 1,
    memoryMib: 64,
    append: "",
  } as const;
  await using machine = await VirtualMachine.boot({ ...spec, accel: "kvm" }, 60_000);
  const output = { write: () => Promise.resolve(true), gone: new Promise<void>(() => {}) };
  const stdio = { stdin: new Blob().stream(), stdout: output, stderr: output };
  const running = machine.run({ commands: [["true"]], env: {} }, stdio);
  await assert.rejects(running, (error) => {
    assert.ok(error instanceof MachineError);
    assert.match(error.message, /: QEMU exceeded its memory limit and was killed/);
    return true;
  });
  assert.ok(machine.isOomKilled);
});

const guestFile = fileURLToPath(new URL("../fixtures/cgroup_in_guest.ts", import.meta.url));

/** Mounts the cgroups to test, and runs the script on stdin with the guest's Deno. */
const IN_GUEST = `
mkdir /cgroups && mount -t cgroup2 cgroup2 /cgroups && cat > /tmp/script.js || exit 1
export LD_LIBRARY_PATH=/execvm/lib HOME=/root DENO_DIR=/tmp/deno NO_COLOR=1
exec /execvm/deno run -A --quiet --no-config --no-lock /tmp/script.js
`;

Deno.test({
  ...needs("a kernel with cgroups of version 2 limits a process in the same way", QEMU, KERNEL),
  async fn(test) {
    const initrd = await ensureInitrd((await findKernel())!);
    const ignore = kindOfInitrd(initrd) === "compiled";
    const name = ignore ? "skipped: the guest's Deno is compiled in" : "by the guest's Deno";
    await test.step({ name, ignore, fn: () => boundInGuest(initrd) });
  },
});

async function boundInGuest(initrd: string): Promise<void> {
  const script = await tool([
    Deno.execPath(),
    "bundle",
    "--quiet",
    "--platform",
    "deno",
    guestFile,
  ]);
  const machine = vm({ accel: "tcg", initrd, template: false });
  const run = machine.cmd("sh", "-c", IN_GUEST);
  const { folders, ...facts } = await bytes(script).pipe(run).json() as Record<string, unknown>;
  assert.match(String(folders), /^\/cgroups\/execvm-[-\w]+$/);
  assert.deepEqual(facts, {
    controllers: ["memory", "cpu"],
    bounds: [String(32 * 2 ** 20), "150000 100000"],
    members: 1,
    signal: "SIGKILL",
    oomKills: 1,
    isLeft: false,
  });
}

Deno.test("makeCgroup() reports why it cannot make one, and leaves nothing", () => {
  using folder = tempDir();
  const place = (path: string): CgroupPlace => ({
    version: 2,
    controllers: ["memory", "cpu"],
    folders: [path],
  });
  // An ordinary folder: one made in it has no limits.
  assert.throws(() => makeCgroup(BOUNDS, [place(folder.path)]), {
    message: `${folder.path} does not let memory and cpu be bounded`,
  });
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  assert.throws(() => makeCgroup(BOUNDS, [place("/proc/nowhere")]));
  assert.throws(() => makeCgroup(BOUNDS, []), { message: "none are mounted" });
});

Deno.test("checkCgroup() reports whether QEMU can be limited", async () => {
  const { state, fact } = await checkCgroup();
  assert.equal(state, there === undefined ? "warn" : "ok");
  assert.match(fact, there === undefined ? /^none can be made/ : /^it limits .* of QEMU$/);
  const none = await checkCgroup(() => {
    throw new Error("none are mounted");
  });
  assert.match(none.fact, /only QEMU itself limits its guests: none are mounted$/);
});

Deno.test("qemuBounds() adds what QEMU needs in addition to its guest", () => {
  const bounds = (accel: "kvm" | "tcg") => qemuBounds({ memoryMib: 512, cpus: 2, accel });
  assert.deepEqual(bounds("kvm"), { memoryMib: 768, cpus: 3 });
  assert.deepEqual(bounds("tcg"), { memoryMib: 1792, cpus: 3 });
});

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
