// Commands in real machines that do not run as root.

import assert from "node:assert/strict";
import { chain, type Runner, RunnerError, text, vm, type VmOptions } from "../../mod.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { tempDir } from "../support/temp_dir.ts";
import "../support/test_cache.ts";
import { needs } from "../support/tools.ts";

const BUSYBOX = "/bin/busybox";
const hasKernel = await findKernel() !== undefined || Deno.env.get("CI") !== undefined;
const APPLETS = ["sh", "id", "cat", "echo", "touch", "tty", "stat", "env", "ls", "test"];

const PASSWD = `root:x:0:0:root:/root:/bin/sh
app:x:1000:1001:An app:/home/app:/bin/sh
1234:x:7:8::/:
bad:x:-1:0::/:
`;
const GROUP = "root:x:0:\nown:x:1001:\nmore:x:2000:root,app\nother:x:2001:root\nlast:x:2002:app\n";

function machineTest(name: string, fn: (test: Deno.TestContext) => Promise<void>): void {
  const test = needs(name, "qemu-system-x86_64", BUSYBOX, "mksquashfs");
  const withoutKernel = { name: `${name} (skipped: no kernel: execvm kernel fetch)`, ignore: true };
  Deno.test({ ...hasKernel ? test : withoutKernel, fn });
}

function makeRoot(root: string): string {
  for (const name of ["bin", "etc", "root", "home/app"]) {
    Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  }
  Deno.chmodSync(`${root}/root`, 0o700);
  Deno.chmodSync(`${root}/home/app`, 0o777);
  Deno.copyFileSync(BUSYBOX, `${root}/bin/busybox`);
  for (const name of APPLETS) Deno.symlinkSync("busybox", `${root}/bin/${name}`);
  Deno.writeTextFileSync(`${root}/etc/passwd`, PASSWD);
  Deno.writeTextFileSync(`${root}/etc/group`, GROUP);
  Deno.writeTextFileSync(`${root}/bin/closed`, "", { mode: 0o700 });
  return root;
}

function machine(options: VmOptions): Runner {
  return vm({ accel: "tcg", ...options });
}

const LOOK = 'id -u; id -g; id -G; echo "$HOME $USER $LOGNAME"';

machineTest("a command runs as the requested user", async (test) => {
  using folder = tempDir();
  const root = makeRoot(`${folder.path}/root`);
  const lookAs = (user: string) => machine({ root, user }).cmd("sh", "-c", LOOK).lines();
  const failsAs = (user: string, pattern: RegExp) =>
    assert.rejects(lookAs(user), (error) => {
      assert.ok(error instanceof RunnerError);
      assert.match(error.message, pattern);
      return true;
    });

  await test.step("by name, with the groups that list it", async () => {
    const app = ["1000", "1001", "1001 2000 2002", "/home/app app app"];
    assert.deepEqual(await lookAs("app"), app);
    assert.deepEqual(await lookAs("1000"), app);
  });

  await test.step("with a group, and no other", async () => {
    assert.deepEqual((await lookAs("app:other")).slice(0, 3), ["1000", "2001", "2001"]);
    assert.deepEqual((await lookAs("0:77")).slice(0, 3), ["0", "77", "77"]);
  });

  await test.step("by a number that is not in /etc/passwd; a name of digits comes first", async () => {
    assert.deepEqual(await lookAs("4242"), ["4242", "0", "0", "/  "]);
    assert.deepEqual((await lookAs("1234")).slice(0, 2), ["7", "8"]);
  });

  await test.step("an unknown user is an error", async () => {
    await failsAs("nobody", /cannot run as the user "nobody": \/etc\/passwd has no "nobody"/);
    await failsAs("bad", /\/etc\/passwd has no "bad"/);
    await failsAs("app:nogroup", /\/etc\/group has no "nogroup"/);
  });

  await test.step("with that user's rights, no more and no less", async () => {
    const app = machine({ root, user: "app" });
    const script = `
      cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr
      touch /tmp/a /home/app/b && stat -c %u:%g /tmp/a
      touch /root/c || touch /etc/c || touch /c || echo refused
      cat /proc/self/status | while read -r key value; do if [ "$key" = CapEff: ]; then echo "$value"; fi; done`;
    const run = text("in\n").pipe(app.cmd("sh", "-c", script));
    assert.deepEqual(await run.lines(), ["in", "out", "1000:1001", "refused", "0000000000000000"]);
    const closed = await app.cmd("/bin/closed").run({ check: false });
    assert.equal(closed.code, 126);
    await assert.rejects(
      app.cmd("id").cwd("/root").text(),
      /"\/root": the user may not enter it/,
    );
    const both = chain(["id", "-u"], ["sh", "-c", "id -g"]).on(app);
    assert.deepEqual(await both.lines(), ["1000", "1001"]);
  });

  await test.step("on a terminal, which the user owns", async () => {
    const app = machine({ root, user: "app", tty: true });
    const lines = await app.cmd("sh", "-c", 'echo > "$(tty)" && stat -c %u "$(tty)"').lines();
    assert.equal(lines.at(-1)!.trim(), "1000");
  });

  await test.step("in machines of a pool", async () => {
    await using pool = machine({ root, user: "app", pool: 1 });
    for (let run = 0; run < 2; run++) assert.equal(await pool.cmd("id", "-u").text(), "1000");
  });
});

Deno.test("vm() refuses an invalid user", () => {
  assert.throws(() => vm({ user: "a:b:c" }), { name: "TypeError" });
  assert.throws(() => vm({ user: "" }), { name: "TypeError" });
});
