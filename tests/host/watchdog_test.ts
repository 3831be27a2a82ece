import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { eventually } from "../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";
import { tempDir } from "../support/temp_dir.ts";

const KILLED_WITH_US = fileURLToPath(new URL("../fixtures/kill_with_us.ts", import.meta.url));

const KILLED_WHILE_STARTING = fileURLToPath(
  new URL("../fixtures/kill_while_starting.ts", import.meta.url),
);

/** Creates the files named by its arguments, which shows that it was run and with which words. */
const TOUCH = ["env", "NAME=it's here", "sh", "-c", 'for path; do : >>"$path-$NAME"; done', "sh"];

/** The entries to list. */
interface Listed {
  readonly cleanup?: string[];
  /** Entries that are taken off the list again. */
  readonly spared?: string[];
  readonly command?: string[];
  /** Folders that are removed only when they are empty. */
  readonly empty?: string[];
  /** Number of commands that were on the list once. */
  readonly past?: number;
}

const NOTHING = { cleanup: [], spared: [], command: [], empty: [], past: 0 } as const;

/** Starts a process that lists something, and is then killed. */
async function killAfterListing(flags: string[], listed: Listed): Promise<void> {
  const request = JSON.stringify({ ...NOTHING, ...listed });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, KILLED_WITH_US, request],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGKILL");
  await reader.cancel();
  await child.status;
}

const ODD_NAMES = [
  "plain",
  "two words",
  "new\nline",
  "-rf",
  "*",
  "back\\slash",
  "it's",
  "日本",
  " ",
];

for (const flags of [[], ["--deny-ffi"]]) {
  Deno.test(`entries on the list are removed when we are killed, those taken off it stay ${flags}`, async () => {
    using folder = tempDir();
    const cleanup = ODD_NAMES.map((name) => `${folder.path}/listed-${name}`);
    const spared = ODD_NAMES.map((name) => `${folder.path}/spared-${name}`);
    for (const path of spared) Deno.writeTextFileSync(path, "");
    for (const path of cleanup) {
      Deno.mkdirSync(path);
      Deno.writeTextFileSync(`${path}/file`, "");
    }
    await killAfterListing(flags, { cleanup, spared });
    const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
    const left = await eventually(names, ({ length }) => length === spared.length, 5000);
    assert.deepEqual(left, ODD_NAMES.map((name) => `spared-${name}`).sort());
  });

  Deno.test(`what was on the list before does not hold up the removal ${flags}`, async () => {
    using folder = tempDir();
    const listed = `${folder.path}/listed`;
    Deno.mkdirSync(listed);
    await killAfterListing(flags, { cleanup: [listed], past: 150 });
    const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name);
    assert.deepEqual(await eventually(names, ({ length }) => length === 0, 500), []);
  });

  Deno.test(`a command on the list runs when we are killed ${flags}`, async () => {
    using folder = tempDir();
    const paths = ODD_NAMES.map((name) => `${folder.path}/${name}`);
    await killAfterListing(flags, { command: [...TOUCH, ...paths] });
    const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
    const made = await eventually(names, ({ length }) => length === paths.length, 5000);
    assert.deepEqual(made, ODD_NAMES.map((name) => `${name}-it's here`).sort());
  });

  Deno.test(`a folder on the list is removed once it is empty, even if that takes long ${flags}`, async () => {
    using folder = tempDir();
    const [tries, busy, used] = ["tries", "busy it's", "used"].map((it) => `${folder.path}/${it}`);
    for (const path of [busy!, used!]) {
      Deno.mkdirSync(path);
      Deno.writeTextFileSync(`${path}/file`, "");
    }
    await killAfterListing(flags, {
      command: ["sh", "-c", 'echo >>"$1"', "sh", tries!],
      empty: [busy!, used!, `${folder.path}/gone`],
    });
    // Commands are run three times: after that only this entry of the list is left.
    await eventually(() => sizeOf(tries!), (size) => size === 3, 30_000);
    Deno.removeSync(`${busy}/file`);
    const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
    const left = await eventually(names, ({ length }) => length === 2, 10_000);
    assert.deepEqual(left, ["tries", "used"]);
  });
}

for (
  const [way, flags] of [
    ["a tool", []],
    ["spawn", []],
    ["a command", []],
    ["a command", ["--deny-ffi"]],
  ] as const
) {
  Deno.test(`a process is killed with us even before its id is on the list: ${way} ${flags}`, async () => {
    const mark = newMark();
    const lasting = ["/bin/sh", "-c", "sleep 1000 & sleep 1000; :"];
    const { signal } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ...flags, KILLED_WHILE_STARTING, way, ...lasting],
      env: { [MARK_VARIABLE]: mark },
    }).spawn().status;
    assert.equal(signal, "SIGKILL");
    await eventually(() => processesWith(mark), ({ length }) => length === 0, 2000);
  });
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
