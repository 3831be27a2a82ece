// Everything about an aarch64 machine but its streams, which tests/conformance covers: it is booted
// once and inspected.

import assert from "node:assert/strict";
import { ensureBusybox } from "../../guest-build/busybox.ts";
import { ensureForeignParts } from "../../guest-build/foreign_parts.ts";
import { vm } from "../../mod.ts";
import { isNative } from "../../src/machine/architectures.ts";
import { kernelOf } from "../support/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

/** Prints a line for each thing that the machine has. */
const LOOK = `
uname -m
grep -c ^processor /proc/cpuinfo
head -c 4 /dev/vdb; echo
dd if=/dev/zero of=/dev/vdc bs=1 count=1 seek=7 conv=notrunc 2> /dev/null
head -c 5 /dev/sr0; echo
ip -4 -o addr show dev eth0 | tr -s ' ' | cut -d ' ' -f 4
cat /etc/mark
touch /etc/new && echo written`;

/** A file large enough for a disk, that starts with this text. */
function disk(path: string, words: string): string {
  Deno.writeTextFileSync(path, words);
  Deno.truncateSync(path, 1 << 20);
  return path;
}

/** A folder with a busybox for aarch64, as a root. */
async function makeRoot(root: string): Promise<string> {
  for (const name of ["bin", "etc"]) Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  const busybox = isNative("aarch64")
    ? await ensureBusybox()
    : (await ensureForeignParts("aarch64")).busybox;
  Deno.copyFileSync(busybox, `${root}/bin/busybox`);
  const applets = ["sh", "uname", "grep", "head", "dd", "ip", "tr", "cut", "cat", "touch"];
  for (const applet of applets) Deno.symlinkSync("busybox", `${root}/bin/${applet}`);
  Deno.writeTextFileSync(`${root}/etc/mark`, "the mark\n");
  return root;
}

Deno.test({
  ...needs(
    "a machine of aarch64 has its processors, disks, a cdrom, a network and a root",
    ...["qemu-system-aarch64", "busybox", "mksquashfs", await kernelOf("aarch64")],
  ),
  async fn() {
    using folder = tempDir();
    const written = disk(`${folder.path}/written`, "12345678");
    const runner = vm({
      arch: "aarch64",
      accel: "tcg",
      template: false,
      cpus: 2,
      network: "user",
      root: await makeRoot(`${folder.path}/root`),
      devices: {
        [disk(`${folder.path}/read`, "read")]: "/dev/vdb",
        [written]: { path: "/dev/vdc", write: true },
        [disk(`${folder.path}/cdrom`, "cdrom")]: "/dev/sr0",
      },
    });
    const lines = await runner.cmd("sh", "-c", LOOK).lines();
    const expected = ["aarch64", "2", "read", "cdrom", "10.0.2.15/24", "the mark", "written"];
    assert.deepEqual(lines, expected);
    assert.equal(Deno.readTextFileSync(written).slice(0, 9), "1234567\0\0");
  },
});
