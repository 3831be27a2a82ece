// Pools of real machines.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Runner, stream, vm } from "../../mod.ts";
import { eventually } from "../support/eventually.ts";
import { KERNEL } from "../support/kernel.ts";
import { type LoggingQemu, loggingQemu } from "../support/logging_qemu.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";
import { tempDir } from "../support/temp_dir.ts";
import { type TemplateCache, templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";

const POOL = fileURLToPath(new URL("../fixtures/pool.ts", import.meta.url));

// Shared by all tests here, which run one after the other: a template takes seconds to make.
let cache: TemplateCache;
let folder: ReturnType<typeof tempDir>;
let qemu: LoggingQemu;
let mark: string;

Deno.test.beforeAll(() => {
  [cache, folder] = [templateCache(), tempDir()];
  Deno.chmodSync(folder.path, 0o755); // QEMU does not run as root
  qemu = loggingQemu({ clone: `while [ -e '${folder.path}/hold' ]; do sleep 0.05; done` });
});
Deno.test.beforeEach(() => {
  mark = newMark();
  Deno.env.set(MARK_VARIABLE, mark);
});
Deno.test.afterEach(() => Deno.env.delete(MARK_VARIABLE));
Deno.test.afterAll(() => [cache, folder, qemu].forEach((each) => each[Symbol.dispose]()));

function machineTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ ...needs(name, "qemu-system-x86_64", "busybox", KERNEL), fn });
}

function poolOf(size: number): Runner {
  return vm({ accel: "tcg", qemu: qemu.qemu, pool: size });
}

/** Command lines of the running machines. */
async function machines(): Promise<string[]> {
  return (await processesWith(mark)).filter((line) => line.includes(" -nodefaults "));
}

/** Waits until so many machines run. */
async function haveMachines(count: number): Promise<void> {
  await eventually(machines, ({ length }) => length === count, 60_000);
}

/** Makes clones wait until it is disposed. */
function hold(): Disposable {
  const path = `${folder.path}/hold`;
  Deno.writeTextFileSync(path, "");
  return { [Symbol.dispose]: () => Deno.removeSync(path) };
}

Deno.test("a pool has a number of machines, which are clones and write to no file", () => {
  for (const pool of [-1, 1.5, NaN]) assert.throws(() => vm({ pool }), RangeError);
  assert.throws(() => vm({ pool: 1, template: false }), TypeError);
  const devices = { "/no/file": { path: "/dev/vda", write: true } } as const;
  assert.throws(() => vm({ pool: 1, devices }), /cannot keep machines ready: .*\/no\/file$/);
  assert.throws(() => vm({ pool: 1, root: "/no/root", rootWrite: true }), TypeError);
});

machineTest(
  "a pool that has not been used has no machines, and one that was ends them",
  async () => {
    {
      await using runner = poolOf(2);
      assert.deepEqual(await machines(), []);
      assert.equal(await runner.cmd("echo", "first").text(), "first");
      await haveMachines(2);
      assert.equal(await runner.cmd("echo", "second").text(), "second");
      await haveMachines(2);
    }
    assert.deepEqual(await machines(), []);
    assert.deepEqual(qemu.starts(), ["template", ...Array(4).fill("clone")]);
  },
);

machineTest("each command of a pool gets its own machine, unused before", async () => {
  await using runner = poolOf(2);
  const script = "head -c 16 /dev/urandom | sha256sum; hostname; ls /tmp; hostname > /tmp/left";
  const outputs: string[][] = [];
  for (let round = 0; round < 3; round++) {
    const commands = [1, 2, 3].map(() => runner.cmd("sh", "-c", script).lines());
    outputs.push(...await Promise.all(commands));
  }
  assert.deepEqual(outputs.map(({ length }) => length), outputs.map(() => 2));
  assert.equal(new Set(outputs.flat()).size, outputs.length * 2);
});

machineTest("a command that is ended while it waits for a machine does not run", async () => {
  await using runner = poolOf(1);
  let output = "";
  const sink = () =>
    new WritableStream<Uint8Array>({
      write: (chunk) => void (output += new TextDecoder().decode(chunk)),
    });
  const aborter = new AbortController();
  const held = hold();
  const first = runner.cmd("echo", "first").to(stream(sink())).run();
  const second = runner.cmd("echo", "second").to(stream(sink())).run({ signal: aborter.signal });
  let ended: unknown;
  second.catch((reason) => ended = reason);
  const reason = new Error("enough");
  aborter.abort(reason);
  await eventually(() => ended, (error) => error === reason, 5000).finally(() => {
    held[Symbol.dispose]();
    return first;
  });
  assert.equal(await runner.cmd("echo", "third").text(), "third");
  assert.equal(output, "first\n");
});

for (
  const [what, code, name] of [
    ["end", 9, "a program waits for the end of its pool, and nothing is left"],
    ["lose", 9, "a machine that has died while it was kept is not given out"],
    ["forget", 0, "a program that forgets its pool ends all the same, and nothing is left"],
    ["wait", 137, "nothing is left of a pool when its process is killed outright"],
  ] as const
) {
  machineTest(name, async () => {
    const TMPDIR = `${folder.path}/${what}`;
    Deno.mkdirSync(TMPDIR, { mode: 0o755 });
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-lock", "--no-check", POOL, qemu.qemu, what],
      env: { TMPDIR },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const said = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !text.endsWith("second\n");) {
      const { done, value } = await said.read();
      assert.equal(done, false, text);
      text += value;
    }
    if (what === "wait") {
      await haveMachines(1);
      child.kill("SIGKILL");
    }
    assert.equal((await child.status).code, code);
    await said.cancel();
    await haveMachines(0);
    const files = () => [...Deno.readDirSync(TMPDIR)].map(({ name }) => name);
    await eventually(files, ({ length }) => length === 0, 5000);
  });
}
