// Tests the options of machines with KVM.

import assert from "node:assert/strict";
import { prepareImage, runCode, text } from "../../../mod.ts";
import { makeShellRoot } from "../../code/fixture.ts";
import { EXECVM } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { BOOT_MS, booted, KVM, SEES_KVM } from "./kvm.ts";

Deno.test("a machine has two processors", async () => {
  const lines = await booted({ cpus: 2 }).cmd("sh", "-c", "nproc; dmesg").lines();
  assert.equal(lines[0], "2");
  assert.match(lines.join("\n"), SEES_KVM);
});

Deno.test("a machine has its disks, and what it writes to one is on this machine", async () => {
  using folder = tempDir();
  Deno.chmodSync(folder.path, 0o755);
  const [read, written] = ["read", "written"].map((name) => `${folder.path}/${name}.img`);
  Deno.writeTextFileSync(read!, "read".padEnd(4096, "\n"));
  Deno.writeTextFileSync(written!, "\0".repeat(4096));
  const devices = {
    [read!]: "/dev/vda",
    [written!]: { path: "/dev/vdb", write: true },
  } as const;
  const command = booted({ devices }).cmd("sh", "-c", "head -n 1 /dev/vda; cat > /dev/vdb; sync");
  assert.equal(await text("written").pipe(command).text(), "read");
  assert.equal(Deno.readTextFileSync(written!).slice(0, 8), "written\0");
});

Deno.test("a machine has a folder as its root", async () => {
  using folder = tempDir();
  const root = await makeShellRoot(`${folder.path}/root`);
  Deno.writeTextFileSync(`${root}/etc/mark`, "of this root\n");
  assert.equal(await booted({ root }).cmd("cat", "/etc/mark").text(), "of this root");
});

Deno.test("a machine reaches this one by its network", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("from outside"),
  );
  const url = `http://10.0.2.2:${server.addr.port}/`;
  assert.equal(await booted({ network: "user" }).cmd("wget", "-qO-", url).text(), "from outside");
});

Deno.test("code runs on an image, and what it has written is taken out", async () => {
  using folder = tempDir();
  const image = await prepareImage({ from: await makeShellRoot(`${folder.path}/root`) });
  const result = await runCode(image, "echo out; echo made > made; exit 3", {
    ...KVM,
    language: "sh",
    template: false,
    timeoutMs: BOOT_MS,
    outputsDir: `${folder.path}/outputs`,
  });
  assert.deepEqual([result.failure, result.exitStatus, result.stdout], [null, 3, "out\n"]);
  assert.equal(
    Deno.readTextFileSync(`${folder.path}/outputs/files/workspace/made`),
    "made\n",
  );
});

Deno.test("who is not root, but in the group of /dev/kvm, has machines too", async () => {
  using folder = tempDir();
  const cache = `${folder.path}/cache`;
  Deno.mkdirSync(cache);
  for (const name of ["kernels", "initrds"]) {
    Deno.symlinkSync(
      Deno.realPathSync(`${Deno.env.get("EXECVM_CACHE")}/${name}`),
      `${cache}/${name}`,
    );
  }
  const { gid } = Deno.statSync("/dev/kvm");
  const user = ["--reuid=1000", "--regid=1000", `--groups=${gid}`, "--inh-caps=-all", "--"];
  const run = ["run", "-r", "vm", "--accel", "kvm", "--no-template"];
  await runHost("chown", "-R", "1000:1000", folder.path);
  await runHost("chown", "-R", "1000:1000", Deno.realPathSync(`${cache}/initrds`)); // execvm touches it on use
  const { success, stdout, stderr } = await new Deno.Command("setpriv", {
    args: [...user, ...EXECVM, ...run, `--boot-timeout-ms=${BOOT_MS}`, "--", "dmesg"],
    env: { EXECVM_CACHE: cache, HOME: folder.path },
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stdout), SEES_KVM);
});

async function runHost(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}
