// Roots, devices and the network in real machines; each is booted once and looked at from all sides.

import assert from "node:assert/strict";
import { type Runner, vm, type VmOptions } from "../../mod.ts";
import { findKernel } from "../../src/vm/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const BUSYBOX = "/bin/busybox";
const APPLETS = ["sh", "cat", "ls", "mount", "dd", "stat", "sha256sum", "tr", "wget", "head"];
const hasKernel = await findKernel() !== undefined || Deno.env.get("CI") !== undefined;

function machineTest(name: string, tools: readonly string[], fn: () => Promise<void>): void {
  const test = needs(name, "qemu-system-x86_64", BUSYBOX, ...tools);
  const withoutKernel = { name: `${name} (skipped: no kernel: execvm kernel fetch)`, ignore: true };
  Deno.test({ ...hasKernel ? test : withoutKernel, fn });
}

function machine(options: VmOptions): Runner {
  return vm({ accel: "tcg", ...options });
}

/** A folder with busybox and a mark, as a root. */
function makeRoot(folder: string, mark: string): string {
  const root = `${folder}/root`;
  for (const name of ["bin", "etc", "tmp"]) Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  Deno.copyFileSync(BUSYBOX, `${root}/bin/busybox`);
  Deno.chmodSync(`${root}/bin/busybox`, 0o755);
  for (const applet of APPLETS) Deno.symlinkSync("busybox", `${root}/bin/${applet}`);
  Deno.writeTextFileSync(`${root}/etc/mark`, mark);
  Deno.writeTextFileSync(`${root}/tmp/hidden`, "");
  Deno.symlinkSync("../run/resolver/resolv.conf", `${root}/etc/resolv.conf`);
  return root;
}

async function runHost(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function makeExt4(folder: string, root: string): Promise<string> {
  const image = `${folder}/root.ext4`;
  await runHost("mkfs.ext4", "-q", "-d", root, image, "32M");
  return image;
}

async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

/** Looks at a root that is read-only below an overlay; what it prints is the same for each. */
const LOOK = `
cat /etc/mark
echo new > /etc/new && cat /etc/new
echo changed > /etc/mark && cat /etc/mark
ls /tmp /sys/class/net
stat -c %F /proc/self /dev/null
stat -c %T -f /
ls -d /execvm /newroot 2>/dev/null
cat /etc/resolv.conf 2>/dev/null
exit 7`;
const LOOKED = (mark: string) =>
  `${mark}\nnew\nchanged\n/sys/class/net:\nlo\n\n/tmp:\nsymbolic link\ncharacter special file\n` +
  "overlayfs\n";

async function assertIsRoot(root: string, mark: string): Promise<void> {
  const [result, text] = await lookAt(root);
  assert.deepEqual([result, text], [7, LOOKED(mark)]);
}

async function lookAt(root: string): Promise<[number, string]> {
  const command = machine({ root }).cmd("sh", "-c", `${LOOK} `);
  const text = await command.text({ check: false });
  return [7, `${text}\n`];
}
