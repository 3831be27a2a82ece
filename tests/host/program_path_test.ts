// How tools are found: on Debian the PATH of users lacks the folders of system programs.

import assert from "node:assert/strict";
import { cmd, text } from "../../mod.ts";
import { programPath, toolArgv, toolPath, toolSearchPath } from "../../src/host/program_path.ts";
import { execvm } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

/** The PATH that login(1) sets for users of Debian (ENV_PATH, login.defs). */
const USER_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games";

function withPath(path: string): Disposable {
  const before = Deno.env.get("PATH");
  Deno.env.set("PATH", path);
  return {
    [Symbol.dispose]: () =>
      before === undefined ? Deno.env.delete("PATH") : Deno.env.set("PATH", before),
  };
}

Deno.test({
  ...needs(
    "a tool is found in the folders of system programs, which are not in PATH",
    "/usr/sbin/mke2fs",
  ),
  fn() {
    using _path = withPath(USER_PATH);
    assert.equal(toolPath("mke2fs"), "/usr/sbin/mke2fs");
    assert.equal(programPath("mke2fs"), "/usr/sbin/mke2fs");
    assert.deepEqual(toolArgv(["mke2fs", "-V"]), ["/usr/sbin/mke2fs", "-V"]);
    assert.ok(toolSearchPath().startsWith(`${USER_PATH}:`));
    assert.ok(toolSearchPath().endsWith(":/usr/local/sbin:/usr/sbin:/sbin"));
  },
});

Deno.test("the name of a tool is kept if it is in PATH, was not found, or is a path", () => {
  using folder = tempDir();
  using _path = withPath(folder.path);
  Deno.writeTextFileSync(`${folder.path}/mke2fs`, "#!/bin/sh\n", { mode: 0o755 });
  assert.equal(toolPath("mke2fs"), "mke2fs");
  assert.equal(programPath("mke2fs"), `${folder.path}/mke2fs`);
  assert.deepEqual([toolPath("no-such-tool"), programPath("no-such-tool")], [
    "no-such-tool",
    undefined,
  ]);
  assert.equal(toolPath("./mke2fs"), "./mke2fs");
});

Deno.test("files in PATH that are not executable are skipped", () => {
  using folder = tempDir();
  using _path = withPath(`${folder.path}:/bin`);
  Deno.writeTextFileSync(`${folder.path}/sh`, "", { mode: 0o644 });
  assert.equal(programPath("sh"), "/bin/sh");
});

Deno.test({
  ...needs("doctor finds tools that are not on a user's PATH", "/usr/sbin/mke2fs", "sqfstar"),
  async fn() {
    const { stdout } = await execvm(["doctor", "--json"], { env: { PATH: USER_PATH } });
    const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string }[] };
    assert.equal(findings.find(({ name }) => name === "images")?.state, "ok");
  },
});

/** Programs started by name or path: Deno, busybox, git, ldd of libc, sh, and `cat` of a check. */
const NOT_TOOLS = /^(toolPath\(|deno,|busybox,|"git"|"ldd"|"\/bin\/sh"|"cat"|program!\.includes)/;

/** Files whose argv comes from `toolArgv`, or whose command is the user's. */
const RESOLVED = /toolArgv\(|localWrapperArgv\(/;

Deno.test("all sources look for tools in the folders of system programs too", () => {
  const root = new URL("../../", import.meta.url);
  const found: string[] = [];
  for (const path of modulesBelow(["src", "guest-build"], root)) {
    const text = Deno.readTextFileSync(new URL(path, root));
    for (const { index } of text.matchAll(/new Deno\.Command\(/g)) {
      const argument = text.slice(index + "new Deno.Command(".length).trimStart();
      const before = text.slice(0, index);
      if (NOT_TOOLS.test(argument) || RESOLVED.test(before.slice(-400))) continue;
      found.push(path);
    }
  }
  // The local runner runs commands of users.
  assert.deepEqual(found, ["src/runners/local/portable_process.ts"]);
});

function* modulesBelow(folders: readonly string[], root: URL): Generator<string> {
  for (const folder of folders) {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
      if (isDirectory) yield* modulesBelow([`${folder}/${name}`], root);
      else if (name.endsWith(".ts")) yield `${folder}/${name}`;
    }
  }
}

Deno.test("a folder in PATH that is not UTF-8 is skipped", async () => {
  const module = new URL("../../src/host/program_path.ts", import.meta.url).href;
  const program = `import { programPath, toolSearchPath } from ${JSON.stringify(module)};
    console.log(programPath("no-such-tool"), programPath("sh"), toolSearchPath());`;
  const deno = [Deno.execPath(), "run", "-A", "--no-config", "--no-lock", "--ext=ts", "-"] as const;
  const path = Uint8Array.of(
    ...new TextEncoder().encode("/x"),
    0xff,
    ...new TextEncoder().encode(":/bin"),
  );
  const shown = await text(program).pipe(cmd(...deno).env({ PATH: path })).text();
  assert.match(shown, /^undefined (\/usr)?\/bin\/sh [\w/:]+$/);
});
