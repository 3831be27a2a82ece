import assert from "node:assert/strict";
import { cmd, cpio, file, gzip, tar } from "../../mod.ts";
import { KERNEL } from "../support/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

/** The first process of the guest: it checks the files and powers off. */
const INIT = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
echo "link: $(/bin/busybox readlink /deep/link)"
echo "hard: $(/bin/busybox cat /deep/hard) $(/bin/busybox stat -c %i /deep/file /deep/hard | /bin/busybox uniq | /bin/busybox wc -l)"
echo "mode: $(/bin/busybox stat -c %a /deep/file)"
echo "time: $(/bin/busybox stat -c %Y /deep/file)"
echo "long: $(/bin/busybox cat /deep/${"long".repeat(40)})"
echo "empty: $(/bin/busybox ls -A /deep/empty | /bin/busybox wc -l)"
/bin/busybox poweroff -f
`;

Deno.test({
  ...needs(
    "the kernel boots from the output of tar | cpio | gzip",
    "qemu-system-x86_64",
    "busybox",
    KERNEL,
  ),
  async fn() {
    using folder = tempDir();
    const root = `${folder.path}/root`;
    for (const name of ["bin", "deep/empty", "proc", "dev"]) {
      Deno.mkdirSync(`${root}/${name}`, { recursive: true });
    }
    Deno.copyFileSync("/bin/busybox", `${root}/bin/busybox`);
    Deno.writeTextFileSync(`${root}/init`, INIT, { mode: 0o755 });
    Deno.writeTextFileSync(`${root}/deep/file`, "content");
    Deno.chmodSync(`${root}/deep/file`, 0o640);
    Deno.utimeSync(`${root}/deep/file`, 1_000_000_000, 1_000_000_000);
    Deno.linkSync(`${root}/deep/file`, `${root}/deep/hard`);
    Deno.symlinkSync("file", `${root}/deep/link`);
    Deno.writeTextFileSync(`${root}/deep/${"long".repeat(40)}`, "long name");
    const initrd = `${folder.path}/initrd.gz`;
    await tar("bin", "deep", "dev", "init", "proc", { directory: root })
      .pipe(cpio()).pipe(gzip()).to(file(initrd)).run();
    const append = "console=ttyS0 quiet rdinit=/init panic=-1";
    const console = await cmd(
      ...["qemu-system-x86_64", "-accel", "tcg", "-m", "256", "-nographic", "-no-reboot"] as const,
      ...["-nodefaults", "-serial", "stdio", "-kernel", KERNEL, "-initrd", initrd] as const,
      ...["-append", append] as const,
    ).text({ timeoutMs: 120_000 });
    for (
      const line of [
        "link: file",
        "hard: content 1",
        "mode: 640",
        "time: 1000000000",
        "long: long name",
        "empty: 0",
      ]
    ) assert.ok(console.includes(`${line}\r\n`), `${line} is not in:\n${console}`);
  },
});
