// Tests the programs that look for execvm and store it, run by this machine's sh.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Argv, bytes, cmd } from "../../../mod.ts";
import { keepArgv, lookArgv, parsePlace } from "../../../src/runners/remote/copy_programs.ts";
import { tempDir } from "../../support/temp_dir.ts";

const PROGRAM = new TextEncoder().encode("a program\n\0");
const HASH = createHash("sha256").update(PROGRAM).digest("hex");

async function look(folder: string, deno?: string) {
  const command = cmd(...lookArgv(HASH, "program.js", deno) as Argv);
  return parsePlace(await command.env({ EXECVM_CACHE: `${folder}/cache` }).text(), HASH);
}

async function keep(folder: string, what: Uint8Array<ArrayBuffer>) {
  const command = cmd(...keepArgv(HASH, `${folder}/cache/bin/program.js`) as Argv);
  return await bytes(what).pipe(command).run({ check: false });
}

Deno.test("a program is stored under its name and found, readable by its user only", async () => {
  using folder = tempDir();
  const path = `${folder.path}/cache/bin/program.js`;
  assert.equal((await look(folder.path))?.isThere, false);
  assert.ok((await keep(folder.path, PROGRAM)).ok);
  const place = await look(folder.path);
  assert.deepEqual([place?.isThere, place?.path], [true, path]);
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o700);
  assert.equal(place?.processor, Deno.build.arch);
});

Deno.test("a damaged or truncated program is not stored", async () => {
  using folder = tempDir();
  const { ok, stages } = await keep(folder.path, PROGRAM.slice(1));
  assert.equal(ok, false);
  assert.match(stages[0]!.stderrTail, /not what was sent/);
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/cache/bin`)], []);
});

Deno.test("a damaged file is not taken for the program", async () => {
  using folder = tempDir();
  await keep(folder.path, PROGRAM);
  Deno.writeFileSync(`${folder.path}/cache/bin/program.js`, PROGRAM.slice(1));
  assert.equal((await look(folder.path))?.isThere, false);
});

Deno.test("Deno is found at the given path, or not at all", async () => {
  using folder = tempDir();
  assert.equal((await look(folder.path, Deno.execPath()))?.deno, Deno.execPath());
  assert.equal((await look(folder.path, "/no/such/deno"))?.deno, undefined);
});

Deno.test("storing a program removes those that were not used for long", async () => {
  using folder = tempDir();
  await keep(folder.path, PROGRAM);
  const old = `${folder.path}/cache/bin/old.js`;
  Deno.writeTextFileSync(old, "");
  Deno.utimeSync(old, 0, 0);
  await keep(folder.path, PROGRAM);
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/cache/bin`)].map(({ name }) => name), [
    "program.js",
  ]);
});

Deno.test("output of login scripts is skipped, and incomplete output is refused", () => {
  const lines = `Welcome\nto here ${HASH}\nyes\n/bin/x\n\nx86_64\n`;
  const place = { isThere: true, path: "/bin/x", deno: undefined, processor: "x86_64" };
  assert.deepEqual(parsePlace(lines, HASH), place);
  assert.equal(parsePlace("Welcome\n", HASH), undefined);
  assert.equal(parsePlace(`${HASH}\nyes\n`, HASH), undefined);
});

Deno.test("a program is kept though those that were not used for long cannot be looked for", async () => {
  using folder = tempDir();
  Deno.mkdirSync(`${folder.path}/bin`);
  Deno.writeTextFileSync(`${folder.path}/bin/find`, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  const command = cmd(...keepArgv(HASH, `${folder.path}/cache/bin/program.js`) as Argv)
    .env({ PATH: `${folder.path}/bin:${Deno.env.get("PATH")}` });
  assert.ok((await bytes(PROGRAM).pipe(command).run({ check: false })).ok);
  assert.equal((await look(folder.path))?.isThere, true);
});
