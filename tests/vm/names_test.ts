// That localhost and the machine's own name resolve in real machines, whatever root they have.

import assert from "node:assert/strict";
import { stageProgram } from "../../guest-build/stage_program.ts";
import { vm, type VmOptions } from "../../mod.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { tempDir } from "../support/temp_dir.ts";
import "../support/test_cache.ts";
import { needs } from "../support/tools.ts";

const GETENT = "/usr/bin/getent";
const BUSYBOX = "/bin/busybox";
const hasKernel = await findKernel() !== undefined || Deno.env.get("CI") !== undefined;

function machineTest(name: string, fn: () => Promise<void>, ...tools: string[]): void {
  const test = needs(name, "qemu-system-x86_64", BUSYBOX, GETENT, ...tools);
  const withoutKernel = { name: `${name} (skipped: no kernel: execvm kernel fetch)`, ignore: true };
  Deno.test({ ...hasKernel ? test : withoutKernel, fn });
}

/**
 * A root with sh and glibc's getent, and with these files by path; `->` in front marks the target
 * of a link.
 */
async function makeRoot(root: string, files: Readonly<Record<string, string>>): Promise<string> {
  Deno.mkdirSync(`${root}/bin`, { recursive: true });
  Deno.copyFileSync(BUSYBOX, `${root}/bin/busybox`);
  for (const name of ["sh", "cat", "hostname", "ls"]) {
    Deno.symlinkSync("busybox", `${root}/bin/${name}`);
  }
  await stageProgram(GETENT, root, GETENT);
  for (const [path, text] of Object.entries(files)) {
    Deno.mkdirSync(`${root}${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    if (text.startsWith("->")) Deno.symlinkSync(text.slice(2), root + path);
    else Deno.writeTextFileSync(root + path, text);
  }
  return root;
}

/** The addresses of names, resolved by glibc. */
const LOOK = `
export LD_LIBRARY_PATH=/execvm/lib
for name in localhost "$(hostname)" ours; do
  getent ahosts "$name" | while read -r address type rest; do
    if [ "$type" = STREAM ]; then echo "$address"; fi
  done
done
cat /etc/hosts | while read -r line; do [ "$line" = "# ours" ] && echo kept; done
exit 0`;

async function look(options: VmOptions): Promise<string[]> {
  return (await vm({ accel: "tcg", ...options }).cmd("sh", "-c", LOOK).lines()).sort();
}

const OWN = ["127.0.0.1", "127.0.1.1"];
const HOSTS = "# ours\n10.9.8.7 ours\n127.0.0.1 localhost\n";

machineTest("names resolve in a root that does not configure them", async () => {
  using folder = tempDir();
  const root = await makeRoot(`${folder.path}/root`, {});
  assert.deepEqual(await look({ root }), OWN);
  // Without nsswitch.conf glibc would ask the name server, which knows neither.
  assert.deepEqual(await look({ root, network: "user" }), ["10.0.2.15", "127.0.0.1"]);
}, "mksquashfs");

machineTest("a root's own configuration of names is kept, also behind a link", async () => {
  using folder = tempDir();
  for (
    const [name, files] of Object.entries({
      file: { "/etc/hosts": HOSTS },
      link: { "/etc/hosts": "->../data/hosts", "/data/hosts": HOSTS },
    })
  ) {
    const root = await makeRoot(`${folder.path}/${name}`, files);
    assert.deepEqual(await look({ root }), ["10.9.8.7", ...OWN, "kept"], name);
  }
}, "mksquashfs");

machineTest("names resolve in a root whose /etc/hosts is a dangling link", async () => {
  using folder = tempDir();
  const forms: Readonly<Record<string, string>>[] = [
    { "/etc/hosts": "->/not/there/hosts" },
    { "/etc/hosts": "->../data/a%20b #?", "/data/x": "" },
    { "/etc/hosts": "->second", "/etc/second": "->../data/./third", "/data/third": "->/run/hosts" },
    { "/etc/hosts": "->/link/hosts", "/link": "->data/../data", "/data/x": "" },
  ];
  for (const [index, files] of forms.entries()) {
    const root = await makeRoot(`${folder.path}/${index}`, files);
    assert.deepEqual(await look({ root }), OWN, JSON.stringify(files));
  }
}, "mksquashfs");

machineTest(
  "a writable root has none of the lent files afterwards",
  async () => {
    using folder = tempDir();
    const files = { "/etc/hosts": HOSTS };
    for (const [name, given] of Object.entries({ without: {}, "with": files })) {
      const tree = await makeRoot(`${folder.path}/${name}`, given);
      const root = `${folder.path}/${name}.ext4`;
      await host("mkfs.ext4", "-q", "-d", tree, root, "64M");
      const before = await host("debugfs", "-R", "ls -p /etc", root);
      const expected = "without" === name ? OWN : ["10.9.8.7", ...OWN, "kept"];
      assert.deepEqual(await look({ root, rootWrite: true }), expected);
      assert.equal(await host("debugfs", "-R", "ls -p /etc", root), before);
      if (name === "with") assert.equal(await host("debugfs", "-R", "cat /etc/hosts", root), HOSTS);
      await host("e2fsck", "-fn", root);
    }
  },
  "mkfs.ext4",
  "debugfs",
);

machineTest("without a root names resolve too, and names are UTF-8", async () => {
  const script = 'ping -c 1 localhost && ping -c 1 "$(hostname)" && echo $LANG';
  const lines = await vm({ accel: "tcg" }).cmd("sh", "-c", script).lines();
  assert.match(lines[0]!, /^PING localhost \(127\.0\.0\.1\)/);
  assert.equal(lines.at(-1), "C.UTF-8");
});

async function host(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
