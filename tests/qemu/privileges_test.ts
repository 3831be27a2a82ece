// Which files QEMU's user gets access to.

import assert from "node:assert/strict";
import { grantAccess, isReachable, mayOpenKvm, qemuUser } from "../../src/qemu/privileges.ts";
import { makeRunFolder } from "../../src/qemu/run_folder.ts";
import { tempDir } from "../support/temp_dir.ts";

const USER = { uid: 65534, gid: 65534 };
const isRoot = Deno.uid() === 0;

/** What an unprivileged user reads from a file; `undefined` if it may not. */
async function readAsNobody(path: string): Promise<string | undefined> {
  const cwd = "/"; // other users may not be able to enter the checkout
  const command = new Deno.Command("cat", { args: [path], cwd, ...USER, stderr: "null" });
  const { success, stdout } = await command.output();
  return success ? new TextDecoder().decode(stdout) : undefined;
}

Deno.test("qemuUser() is nobody for root, and otherwise us", () => {
  assert.deepEqual(qemuUser("tcg"), isRoot ? USER : undefined);
});

Deno.test("mayOpenKvm() does not check our own user", () => {
  assert.equal(mayOpenKvm(undefined), true);
});

Deno.test("grantAccess() returns the path itself when QEMU runs as us", async () => {
  const granted = await grantAccess("/nowhere", {
    folder: "/tmp",
    name: "kernel",
    user: undefined,
  });
  assert.equal(granted, "/nowhere");
});

for (
  const [name, folderMode, mode, way] of [
    ["open to all", 0o755, 0o644, "itself"],
    ["in a folder that is not", 0o700, 0o644, "a link"],
    ["not open to all", 0o755, 0o600, "a copy"],
  ] as const
) {
  Deno.test({
    name: `grantAccess() returns ${way} for a file that is ${name}`,
    ignore: !isRoot,
    async fn() {
      using home = tempDir();
      await using folder = await makeRunFolder(USER);
      const path = `${home.path}/file`;
      Deno.writeTextFileSync(path, "content");
      Deno.chmodSync(path, mode);
      Deno.chmodSync(home.path, folderMode);
      const before = Deno.statSync(path);
      const granted = await grantAccess(path, { folder: folder.path, name: "kernel", user: USER });
      assert.equal(await readAsNobody(granted), "content");
      assert.equal(granted === path, way === "itself");
      assert.equal(Deno.statSync(granted).ino === before.ino, way !== "a copy");
      const { uid, mode: after } = Deno.statSync(path);
      assert.deepEqual([uid, after], [before.uid, before.mode]);
    },
  });
}

Deno.test({
  name: "grantAccess() follows a symbolic link",
  ignore: !isRoot,
  async fn() {
    using home = tempDir();
    await using folder = await makeRunFolder(USER);
    Deno.writeTextFileSync(`${home.path}/file`, "content");
    Deno.symlinkSync("file", `${home.path}/link`);
    const options = { folder: folder.path, name: "kernel", user: USER };
    assert.equal(await readAsNobody(await grantAccess(`${home.path}/link`, options)), "content");
  },
});

Deno.test("makeRunFolder() makes a folder that only its user can enter, and removes it", async () => {
  const folder = await makeRunFolder(qemuUser("tcg"));
  const { mode, uid } = Deno.statSync(folder.path);
  assert.deepEqual([mode! & 0o777, uid], [0o700, isRoot ? USER.uid : Deno.uid()]);
  assert.ok(await isReachable(folder.path));
  await folder[Symbol.asyncDispose]();
  assert.throws(() => Deno.lstatSync(folder.path), Deno.errors.NotFound);
});
