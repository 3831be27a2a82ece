// A guest with only busybox, which checks the features of its kernel and prints them on the
// console.

import assert from "node:assert/strict";
import { cmd, cpio, file, tar } from "../../mod.ts";
import type { Kernel } from "../../src/kernels/find.ts";
import { tempDir } from "../support/temp_dir.ts";
import { isInstalled } from "../support/tools.ts";

/** A machine type of QEMU, and the suffix of the names of its virtio devices. */
interface Machine {
  readonly argv: readonly string[];
  readonly bus: "pci" | "device";
}

/**
 * The machines that guests run on. microvm with ACPI hangs on a busy host: its only clock is the
 * TSC.
 */
export const MACHINES = {
  pc: { argv: ["-M", "pc"], bus: "pci" },
  q35: { argv: ["-M", "q35"], bus: "pci" },
  microvm: { argv: ["-M", "microvm,acpi=off"], bus: "device" },
} as const satisfies Record<string, Machine>;

/** The argv that makes a disk with a file system from the folder `from`, for each type. */
const MAKERS: Readonly<Record<string, (from: string, to: string) => [string, ...string[]]>> = {
  ext4: (from, to) => ["mkfs.ext4", "-q", "-d", from, to, "8M"],
  squashfs: (from, to) => ["mksquashfs", from, to, "-quiet", "-no-progress", "-comp", "zstd"],
  erofs: (from, to) => ["mkfs.erofs", "-zlz4", to, from],
  iso9660: (from, to) => ["xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o", to, from],
};

/** The file systems whose tools are installed here. */
export const FILESYSTEMS: readonly string[] = Object.keys(MAKERS).filter((type) =>
  isInstalled(MAKERS[type]!("", "")[0])
);

/**
 * Mounts, loads the modules in order, and prints `ok WHAT` for all that works. Arguments: types.
 */
const INIT = `#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mkdir /dev/pts; mount -t devpts pts /dev/pts
for module in $(cat /modules/order); do insmod /modules/$module && echo "ok module $module"; done
letter=a
for type in $(cat /types); do
  mkdir -p /mnt/$type
  for try in 1 2 3 4 5 6 7 8 9; do [ -b /dev/vd$letter ] || sleep 0.3; done
  options=ro; [ $type = ext4 ] && options=rw
  mount -t $type -o $options /dev/vd$letter /mnt/$type && echo "ok $type $(cat /mnt/$type/hello)"
  letter=$(echo $letter | tr a-y b-z)
done
if [ -d /mnt/ext4 ]; then echo more > /mnt/ext4/more && echo "ok write $(cat /mnt/ext4/more)"; fi
mkdir /over /upper; mount -t tmpfs tmp /upper; mkdir /upper/up /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/up,workdir=/upper/work over /over
echo changed > /over/file && echo "ok overlay $(cat /lower/file) $(cat /upper/up/file)"
exec 3<>/dev/ptmx; [ -c /dev/pts/0 ] && echo "ok pts"
for port in /sys/class/virtio-ports/*; do
  echo "ok port $(cat $port/name)"; echo "from the guest" > /dev/\${port##*/}
done
ifconfig lo 127.0.0.1 up && ping -c 1 127.0.0.1 > /dev/null && echo "ok loopback"
[ -d /sys/class/net/eth0 ] && echo "ok eth0"
echo "ok rng $(cat /sys/class/misc/hw_random/rng_available)"
echo "ok cpus $(grep -c ^processor /proc/cpuinfo)"
echo "ok uname $(uname -r)"
sync; sleep 0.3; reboot -f
`;

/** Boots `kernel` on a machine with every device and checks all features. Returns the console. */
export async function checkGuest(kernel: Kernel, machine: keyof typeof MACHINES): Promise<string> {
  using folder = tempDir();
  const disks = await makeDisks(folder.path);
  const initrd = await makeInitrd(kernel, folder.path);
  const { argv, bus } = MACHINES[machine];
  const port = `${folder.path}/port`;
  const console = await cmd(
    "qemu-system-x86_64",
    ...["-accel", "tcg", "-m", "512", "-smp", "2", ...argv],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio"],
    ...["-no-reboot", "-kernel", kernel.image, "-initrd", initrd],
    ...["-append", "console=ttyS0 rdinit=/init panic=-1 reboot=t"],
    ...disks.flatMap((path, index) => [
      ...["-drive", `if=none,id=disk${index},format=raw,file=${path}`],
      ...["-device", `virtio-blk-${bus},drive=disk${index}`],
    ]),
    ...["-device", `virtio-serial-${bus}`, "-chardev", `file,id=port,path=${port}`],
    ...["-device", "virtserialport,chardev=port,name=execvm.test"],
    ...["-device", `virtio-rng-${bus}`],
    ...["-netdev", "user,id=net", "-device", `virtio-net-${bus},netdev=net`],
  ).text({ timeoutMs: 180_000 });
  const wanted = [
    ...kernel.modules.map((path) => `module ${path.slice(path.lastIndexOf("/") + 1)}`),
    ...FILESYSTEMS.map((type) => `${type} hello from it`),
    ...(FILESYSTEMS.includes("ext4") ? ["write more"] : []),
    ...["overlay below changed", "pts", "port execvm.test", "loopback", "eth0"],
    ...["rng virtio_rng.0", "cpus 2", `uname ${kernel.version}`],
  ];
  const missing = wanted.filter((what) => !console.includes(`ok ${what}`));
  assert.deepEqual(missing, [], console);
  assert.equal(Deno.readTextFileSync(port), "from the guest\n");
  return console;
}

async function makeDisks(folder: string): Promise<string[]> {
  Deno.mkdirSync(`${folder}/content`);
  Deno.writeTextFileSync(`${folder}/content/hello`, "hello from it\n");
  const disks: string[] = [];
  for (const type of FILESYSTEMS) {
    const disk = `${folder}/disk.${type}`;
    await cmd(...MAKERS[type]!(`${folder}/content`, disk)).text();
    disks.push(disk);
  }
  return disks;
}

async function makeInitrd(kernel: Kernel, folder: string): Promise<string> {
  const root = `${folder}/root`;
  for (const name of ["bin", "dev", "proc", "sys", "mnt", "lower", "modules"]) {
    Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  }
  Deno.copyFileSync("/bin/busybox", `${root}/bin/busybox`);
  Deno.writeTextFileSync(`${root}/init`, INIT, { mode: 0o755 });
  Deno.writeTextFileSync(`${root}/lower/file`, "below\n");
  Deno.writeTextFileSync(`${root}/types`, FILESYSTEMS.join("\n"));
  const names = kernel.modules.map((path) => path.slice(path.lastIndexOf("/") + 1));
  names.forEach((name, index) => {
    Deno.copyFileSync(kernel.modules[index]!, `${root}/modules/${name}`);
  });
  Deno.writeTextFileSync(`${root}/modules/order`, names.join("\n"));
  const initrd = `${folder}/initrd`;
  const entries = [...Deno.readDirSync(root)].map(({ name }) => name).sort();
  await tar(...entries as [string, ...string[]], { directory: root })
    .pipe(cpio()).to(file(initrd)).run();
  return initrd;
}
