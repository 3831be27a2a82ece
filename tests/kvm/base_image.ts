// Makes the disk of the outer guest: a small Debian with its kernel, which has kvm_amd, and QEMU.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { runTool } from "../../src/host/run_tool.ts";
import { scratchFolder } from "../../src/host/scratch_folder.ts";
import { killWithUs } from "../../src/host/watchdog.ts";
import { runMmdebstrap } from "../harness/debian_root.ts";
import { tell } from "./tell.ts";

/** Its packages. */
const SUITE = "trixie";
const PACKAGES = [
  "linux-image-amd64",
  "qemu-system-x86",
  "initramfs-tools",
  "zstd",
  "iproute2",
  "kmod",
  "procps",
  "e2fsprogs",
  "squashfs-tools",
] as const;

/** Its maximum size; the file is sparse. */
const DISK_MIB = 3072;

const INIT = new URL("init.sh", import.meta.url);

/** The path of init in the guest. */
export const INIT_PATH = "/sbin/execvm-outer-init";

/** The files that QEMU needs to boot it. */
export interface BaseImage {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

/**
 * Returns the image in the cache, or makes one, which takes two minutes and 0.6 GB; older ones are
 * removed.
 *
 * @throws {Error} if it cannot be made, which requires root on Debian or Ubuntu.
 */
export async function ensureBaseImage(): Promise<BaseImage> {
  const parent = `${cacheDir()}/test-kvm`;
  const path = `${parent}/${await keyOf()}`;
  if (!existsSync(path)) await makeBaseImage(parent, path);
  return { disk: `${path}/disk.ext4`, kernel: `${path}/vmlinuz`, initrd: `${path}/initrd.img` };
}

async function keyOf(): Promise<string> {
  const parts = [SUITE, ...PACKAGES, DISK_MIB, await Deno.readTextFile(INIT)];
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 16);
}

async function makeBaseImage(parent: string, path: string): Promise<void> {
  if (Deno.uid() !== 0) throw new Error("cannot make a Debian with KVM: only root can");
  tell(`making a Debian (${SUITE}) with QEMU: two minutes, kept in ${parent}`);
  await using scratch = await scratchFolder();
  const root = `${scratch.path}/root`;
  await runMmdebstrap(root, { suite: SUITE, variant: "minbase", include: PACKAGES });
  await Deno.copyFile(INIT, root + INIT_PATH);
  await Deno.chmod(root + INIT_PATH, 0o755);
  await Deno.remove(parent, { recursive: true }).catch(() => {}); // older ones
  const aside = `${parent}/.${crypto.randomUUID()}`;
  using _cleanup = killWithUs({ path: aside });
  await Deno.mkdir(aside, { recursive: true });
  await copyBootFile(root, "vmlinuz-", `${aside}/vmlinuz`);
  await copyBootFile(root, "initrd.img-", `${aside}/initrd.img`);
  await makeDisk(root, `${aside}/disk.ext4`, DISK_MIB);
  await Deno.rename(aside, path);
}

/** Finds a file in /boot, where Debian adds the version to names; there is only one version. */
async function copyBootFile(root: string, prefix: string, target: string): Promise<void> {
  const [entry] = [...Deno.readDirSync(`${root}/boot`)].filter(({ name }) =>
    name.startsWith(prefix)
  );
  if (entry === undefined) throw new Error(`cannot boot the Debian: it has no /boot/${prefix}*`);
  await Deno.copyFile(`${root}/boot/${entry.name}`, target);
}

/** Makes an ext4 file system with the contents of a folder. */
export async function makeDisk(folder: string, path: string, sizeMib: number): Promise<void> {
  const options = ["-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", folder] as const;
  await runTool(["mke2fs", ...options, path, `${sizeMib}M`]);
}
