// Clones of real machines. A QEMU that logs its starts shows what was booted and what was cloned.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { stream, text, vm, type VmOptions } from "../../mod.ts";
import {
  listTemplates,
  pruneTemplates,
  removeTemplate,
  templatesDir,
} from "../../src/vm/template_store.ts";
import { EXECVM, execvm } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { KERNEL } from "../support/kernel.ts";
import { type LoggingQemu, loggingQemu } from "../support/logging_qemu.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";
import { tempDir } from "../support/temp_dir.ts";
import { type TemplateCache, templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";

const CLONES = 50;

/** How many clones run at the same time. */
const AT_ONCE = 5;

// Shared by all tests here, which run one after the other: a template takes seconds to make.
let cache: TemplateCache;
let qemu: LoggingQemu;

Deno.test.beforeAll(() => {
  cache = templateCache();
  qemu = loggingQemu();
});
Deno.test.beforeEach(() => void qemu.starts());
Deno.test.afterAll(() => [cache, qemu].forEach((each) => each[Symbol.dispose]()));

function machineTest(name: string, fn: () => Promise<void>, ...tools: readonly string[]): void {
  Deno.test({ ...needs(name, "qemu-system-x86_64", "busybox", KERNEL, ...tools), fn });
}

function sh(script: string, options: VmOptions = {}) {
  return vm({ accel: "tcg", qemu: qemu.qemu, ...options }).cmd("sh", "-c", script);
}

/** The command line that runs a command in the same way. */
function args(...argv: readonly string[]): readonly string[] {
  const own = argv.includes("--qemu") ? [] : ["--qemu", qemu.qemu];
  return ["run", "-r", "vm", "--accel", "tcg", ...own, ...argv];
}

/** Prints a line for each of {@linkcode OWN}, then the clock, then leftovers of other runs. */
const LOOK = `
cat /proc/sys/kernel/random/uuid
head -c 16 /dev/urandom | sha256sum
cat /proc/sys/kernel/random/boot_id
hostname
grep -F '[stack]' /proc/self/maps | cut -d - -f 1
grep -F '[vdso]' /proc/self/maps | cut -d - -f 1
date +%s
cat /tmp/left /left /dev/shm/left 2> /dev/null
for folder in /tmp / /dev/shm; do hostname > $folder/left; done`;

/** Values that differ between any two machines. */
const OWN = ["uuid", "urandom", "boot id", "hostname", "stack", "vdso"] as const;

machineTest(
  `the first run makes a template, and ${CLONES} clones of it share nothing`,
  async () => {
    pruneTemplates(0);
    const machines: string[][] = [];
    for (let made = 0; made < CLONES; made += AT_ONCE) {
      const from = Math.floor(Date.now() / 1000);
      const looks = Array.from({ length: AT_ONCE }, () => sh(LOOK).lines());
      const looked = await Promise.all(looks);
      const to = Math.ceil(Date.now() / 1000);
      for (const [clock, ...left] of looked.map((lines) => lines.splice(OWN.length))) {
        assert.ok(Number(clock) >= from && Number(clock) <= to, `${from} ${clock} ${to}`);
        assert.deepEqual(left, []);
      }
      machines.push(...looked);
    }
    for (const [index, name] of OWN.entries()) {
      const values = machines.map((lines) => lines[index]);
      assert.ok(values.every((value) => value !== undefined && value !== ""), name);
      assert.equal(new Set(values).size, CLONES, `${name}: ${values.sort().join(" ")}`);
    }
    assert.deepEqual(qemu.starts(), ["template", ...Array(CLONES).fill("clone")]);
    assert.equal(listTemplates().length, 1);
  },
);

machineTest("other memory or kernel parameters get another template", async () => {
  const script = "cat /proc/cmdline; free -m | grep Mem: | tr -s ' ' | cut -d ' ' -f 2";
  const before = listTemplates().length;
  const totals: number[] = [];
  for (const options of [{}, { memoryMib: 384, append: "execvm.test=384" }, {}]) {
    const [line, total] = await sh(script, options).lines();
    assert.equal(line!.endsWith("execvm.test=384"), "append" in options, line);
    totals.push(Number(total));
  }
  assert.ok(totals[0]! <= 512 && totals[0]! > 384 && totals[1]! <= 384, totals.join(" "));
  assert.equal(totals[2], totals[0]);
  assert.deepEqual(qemu.starts(), ["clone", "template", "clone", "clone"]);
  assert.equal(listTemplates().length, before + 1);
});

const SEE = `
blockdev --getsize64 /dev/vdb
sha256sum < /dev/vdb | head -c 64; echo
blockdev --getsize64 /dev/sr0
head -c 5 /dev/sr0; echo
cat /etc/mark; echo
grep -c . /proc/mounts > /tmp/count && cat /tmp/left 2> /dev/null; echo left > /tmp/left
cat /etc/resolv.conf
printf "$WRITTEN" > /dev/vdc`;

machineTest(
  "devices and a root of other sizes and with other data need no new template",
  async () => {
    using folder = tempDir();
    for (const [index, mark] of ["first", "other", "third"].entries()) {
      const [disk, cdrom, written] = ["disk", "cdrom", "written"].map((name) =>
        `${folder.path}/${name}`
      ) as [string, string, string];
      const content = crypto.getRandomValues(new Uint8Array(4096 * (index + 1)));
      Deno.writeFileSync(disk, content, { mode: 0o600 });
      Deno.writeTextFileSync(cdrom, mark.padEnd(2048 * (index + 1)));
      Deno.writeFileSync(written, new Uint8Array(512));
      const root = makeRoot(`${folder.path}/${mark}`, mark, "x".repeat(200_000 * index));
      const devices = {
        [disk]: "/dev/vdb",
        [cdrom]: "/dev/sr0",
        [written]: { path: "/dev/vdc", write: true },
      };
      const options = { devices, root, network: "user" } as const;
      const lines = await sh(SEE, options).env({ WRITTEN: mark }).lines();
      const sum = createHash("sha256").update(content).digest("hex");
      assert.deepEqual(lines, [
        ...[String(content.length), sum, String(2048 * (index + 1)), mark, mark],
        "nameserver 10.0.2.3",
      ]);
      assert.equal(Deno.readTextFileSync(written).slice(0, mark.length), mark);
    }
    assert.deepEqual(qemu.starts(), ["template", "clone", "clone", "clone"]);
  },
  "mksquashfs",
);

/** A folder with busybox, a marker file, and a file that makes it larger. */
function makeRoot(root: string, mark: string, ballast: string): string {
  for (const name of ["bin", "etc"]) Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  Deno.copyFileSync("/bin/busybox", `${root}/bin/busybox`);
  Deno.chmodSync(`${root}/bin/busybox`, 0o755);
  for (const applet of ["sh", "cat", "blockdev", "sha256sum", "head", "grep"]) {
    Deno.symlinkSync("busybox", `${root}/bin/${applet}`);
  }
  Deno.writeTextFileSync(`${root}/etc/mark`, mark);
  Deno.writeTextFileSync(`${root}/ballast`, ballast);
  return root;
}

machineTest(
  "a template that cannot be restored is made again, and stdin is not lost",
  async () => {
    const run = () => text("input").pipe(sh("cat; echo; hostname")).lines();
    const [, first] = await run();
    const damages: readonly ((path: string) => void)[] = [
      (path) => Deno.truncateSync(`${path}/state`, 100_000),
      (path) => { // a memory of zeros
        Deno.truncateSync(`${path}/memory`);
        Deno.truncateSync(`${path}/memory`, 512 << 20);
      },
    ];
    qemu.starts();
    for (const damage of damages) {
      const { path } = listTemplates()[0]!;
      damage(path);
      forgeRecord(path);
      const [input, name] = await run();
      assert.equal(input, "input");
      assert.notEqual(name, first);
      assert.deepEqual(qemu.starts(), ["clone", "template", "clone"]);
    }
    await run();
    assert.deepEqual(qemu.starts(), ["clone"]);
  },
);

/** Updates a record to match the files, as if they had been published like that. */
function forgeRecord(path: string): void {
  const { about } = JSON.parse(Deno.readTextFileSync(`${path}/template.json`));
  const { size, ino, mtime, ctime } = Deno.statSync(`${path}/memory`);
  const memory = { size, ino, mtimeMs: mtime!.getTime(), ctimeMs: ctime!.getTime() };
  const state = createHash("sha256").update(Deno.readFileSync(`${path}/state`)).digest("hex");
  Deno.writeTextFileSync(`${path}/template.json`, JSON.stringify({ about, memory, state }));
}

machineTest(
  "concurrent processes make the same template once, whatever path they use for the cache",
  async () => {
    pruneTemplates(0);
    const at = cache.path.lastIndexOf("/");
    const [folder, name] = [cache.path.slice(0, at), cache.path.slice(at + 1)];
    const runs = await Promise.all(
      [cache.path, cache.path, name].map((EXECVM_CACHE) =>
        execvm(args("--", "hostname"), { env: { EXECVM_CACHE }, cwd: folder })
      ),
    );
    assert.deepEqual(runs.map(({ code, stderr }) => [code, stderr]), runs.map(() => [0, ""]));
    assert.equal(new Set(runs.map(({ stdout }) => stdout)).size, runs.length);
    assert.deepEqual(qemu.starts(), ["template", "clone", "clone", "clone"]);
    assert.equal(listTemplates().length, 1);
  },
);

machineTest("a clone keeps running when its template is removed, and another is made", async () => {
  const { promise: started, resolve } = Promise.withResolvers<void>();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  let output = "";
  const sink = new WritableStream<Uint8Array>({
    write(chunk) {
      output += new TextDecoder().decode(chunk);
      resolve();
    },
  });
  const script = "echo started; cat | sha256sum; busybox | head -n 1 | cut -d ' ' -f 1";
  const run = stream(readable).pipe(sh(script)).to(stream(sink)).run();
  await Promise.race([started, run]);
  for (const { key } of listTemplates()) assert.equal(removeTemplate(key), true);
  const content = new Uint8Array(8 << 20).map((_, index) => index * 7 + (index >> 9));
  const writer = writable.getWriter();
  await writer.write(content);
  await writer.close();
  await run;
  const sum = createHash("sha256").update(content).digest("hex");
  assert.equal(output, `started\n${sum}  -\nBusyBox\n`);
});

machineTest("--no-template boots, and keeps nothing", async () => {
  pruneTemplates(0);
  const run = await execvm(args("--no-template", "--", "echo", "booted"));
  assert.deepEqual([run.code, run.stdout], [0, "booted\n"]);
  assert.deepEqual([qemu.starts(), listTemplates()], [["boot"], []]);
});

machineTest(
  "a process that is killed while it makes a template leaves nothing, and the next one makes it",
  async () => {
    pruneTemplates(0);
    const mark = newMark();
    const child = new Deno.Command(EXECVM[0], {
      args: [...EXECVM.slice(1), ...args("--", "echo", "run")],
      env: { [MARK_VARIABLE]: mark },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await eventually(() => qemu.starts(), (starts) => starts.includes("template"), 60_000);
    assert.equal(entries().length, 1);
    child.kill("SIGKILL");
    await child.status;
    await eventually(() => processesWith(mark), ({ length }) => length === 0, 5000);
    await eventually(entries, ({ length }) => length === 0, 5000);
    assert.equal(await sh("echo run").text(), "run");
    assert.deepEqual(qemu.starts(), ["template", "clone"]);
  },
);

/** Names in the folder of templates, complete or not. */
function entries(): string[] {
  return [...Deno.readDirSync(templatesDir())].map(({ name }) => name)
    .filter((name) => !name.startsWith(".lock-"));
}

machineTest("if no template can be kept, machines are booted, with a notice why", async () => {
  const EXECVM_CACHE = `${cache.path}/unfit`;
  Deno.mkdirSync(EXECVM_CACHE);
  for (const name of ["kernels", "initrds"]) {
    Deno.symlinkSync(`${cache.path}/${name}`, `${EXECVM_CACHE}/${name}`);
  }
  Deno.writeTextFileSync(`${EXECVM_CACHE}/templates`, "no folder");
  const run = await execvm(args("--", "echo", "booted"), { env: { EXECVM_CACHE } });
  assert.deepEqual([run.code, run.stdout, qemu.starts()], [0, "booted\n", ["boot"]], run.stderr);
  const why = "execvm: each machine is booted, which is slow: cannot keep a template: ";
  assert.ok(run.stderr.startsWith(why) && run.stderr.split("\n").length === 2, run.stderr);
});

machineTest("a full disk is reported, and the machine is booted", async () => {
  // The kernel's signal for a process that touches a page of a file for which the disk has no
  // space.
  using dying = loggingQemu({ template: "kill -BUS $$" });
  const run = await execvm(args("--qemu", dying.qemu, "--", "echo", "booted"));
  assert.deepEqual([run.code, run.stdout], [0, "booted\n"], run.stderr);
  assert.match(run.stderr, /: cannot keep a template: the disk of the cache is full\n$/);
  assert.deepEqual(dying.starts(), ["template", "boot"]);
  assert.ok(entries().every((name) => !name.startsWith(".")), entries().join(" "));
});
