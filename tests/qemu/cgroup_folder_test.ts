// Cgroups that are still in use when they are removed, or whose owner is gone.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { makeCgroup } from "../../src/qemu/cgroup.ts";
import { cgroupName, makeCgroupFolder, sweepCgroups } from "../../src/qemu/cgroup_folder.ts";
import { eventually } from "../support/eventually.ts";
import { tempDir } from "../support/temp_dir.ts";

const OWNER = fileURLToPath(new URL("../fixtures/bounded.ts", import.meta.url));
const MINUTE_MS = 60_000;

Deno.test("a folder that is in use when it is removed goes with the next removal", () => {
  using folder = tempDir();
  const [first, second] = [cgroupName(), cgroupName()]
    .map((name) => makeCgroupFolder(`${folder.path}/${name}`));
  Deno.writeTextFileSync(`${first!.path}/process`, ""); // stands for a process in it
  first!.remove();
  assert.ok(isFolder(first!.path));
  Deno.removeSync(`${first!.path}/process`);
  second!.remove();
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("a folder that was in use is removed when another one is made", () => {
  using folder = tempDir();
  const first = makeCgroupFolder(`${folder.path}/${cgroupName()}`);
  Deno.writeTextFileSync(`${first.path}/process`, "");
  first.remove();
  Deno.removeSync(`${first.path}/process`);
  const second = makeCgroupFolder(`${folder.path}/${cgroupName()}`);
  assert.ok(!isFolder(first.path));
  second.remove();
});

Deno.test("a folder that another process has removed causes no error", () => {
  using folder = tempDir();
  const made = makeCgroupFolder(`${folder.path}/${cgroupName()}`);
  Deno.removeSync(made.path);
  made.remove();
});

Deno.test("sweepCgroups() removes folders of execvm that are old and have no processes", () => {
  using folder = tempDir();
  const [old, used] = [cgroupName(), cgroupName()];
  const others = ["somebodys", "execvm-", "execvm-test", "system.slice"];
  for (const name of [old, used, ...others]) Deno.mkdirSync(`${folder.path}/${name}`);
  Deno.writeTextFileSync(`${folder.path}/${used}/process`, "");
  const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  sweepCgroups(folder.path, Date.now() + 9 * MINUTE_MS);
  assert.deepEqual(names(), [old, used, ...others].sort());
  sweepCgroups(folder.path, Date.now() + 11 * MINUTE_MS);
  assert.deepEqual(names(), [used, ...others].sort());
  sweepCgroups("/no/such/folder");
});

Deno.test({
  name: "a real cgroup is removed after SIGKILL to its owner, though its process ends only later",
  ignore: !canMake(),
  async fn() {
    const owner = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", OWNER],
      stdout: "piped",
    }).spawn();
    const folders = JSON.parse(await firstLine(owner.stdout)) as string[];
    const lasting = new Deno.Command("cat", { stdin: "piped", stdout: "null" }).spawn();
    for (const folder of folders) {
      Deno.writeTextFileSync(`${folder}/cgroup.procs`, `${lasting.pid}`);
    }
    owner.kill("SIGKILL");
    await owner.status;
    const others = () =>
      folders.filter((folder) =>
        Deno.readTextFileSync(`${folder}/cgroup.procs`) !== `${lasting.pid}\n`
      );
    await eventually(others, ({ length }) => length === 0, 30_000);
    await lasting.stdin.close();
    await lasting.status;
    const left = () => folders.filter(isFolder);
    assert.deepEqual(await eventually(left, ({ length }) => length === 0, 10_000), []);
  },
});

function canMake(): boolean {
  try {
    using _cgroup = makeCgroup({ memoryMib: 64, cpus: 1 });
    return true;
  } catch {
    return false;
  }
}

async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n")) break;
  }
  return text;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
