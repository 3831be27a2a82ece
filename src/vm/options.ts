// The options of virtual machines, and their defaults.

import type { DeviceOptions } from "../disks/devices.ts";
import { ARCHITECTURES, HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { parseUser } from "../machine/user_words.ts";
import type { CopyOptions } from "../model/copy_options.ts";
import { MAX_TIMER_MS, type RangesOf, requireCounts } from "../model/require_count.ts";
import type { RootImage } from "./root_option.ts";

/** How virtual machines are made. */
export interface VmOptions extends CopyOptions {
  /**
   * The architecture of the guest. One that differs from this machine's is emulated; `execvm kernel
   * fetch --arch` fetches a kernel for it.
   *
   * @default that of this machine
   */
  readonly arch?: "x86_64" | "aarch64";
  /**
   * Path of a kernel image, such as the bzImage of a tree, or the release of a kernel in the cache.
   *
   * @default the one that `execvm kernel list` marks
   */
  readonly kernel?: string;
  /**
   * Path of the modules of `kernel`: the folder that `make modules_install` was given as
   * INSTALL_MOD_PATH, or that of one release. Only those that a guest needs are loaded.
   *
   * @default those of a kernel in the cache, or of one in `/boot`; else none: all is built in
   */
  readonly modules?: string;
  /**
   * Path of a file for all that the console of each machine shows, as it comes; `-` prints it on
   * stderr, without control characters. The file is emptied when the runner starts its first
   * command. Every machine is then booted, so that its boot is seen, with the kernel's messages;
   * with `template: true` it is cloned, and its console begins where the template was saved.
   *
   * @default not shown; errors have the last lines
   */
  readonly console?: string;
  /** Path of the initrd. @default one that is built when first needed */
  readonly initrd?: string;
  /** Additional kernel parameters, separated by spaces. */
  readonly append?: string;
  /** Processors of the guest, up to 255. @default 1 */
  readonly cpus?: number;
  /** Memory of the guest, in MiB. @default 512 */
  readonly memoryMib?: number;
  /** QEMU's machine type. @default "q35"; for aarch64 "virt,gic-version=max" */
  readonly machine?: string;
  /** The program to run: QEMU. @default "qemu-system-x86_64", "qemu-system-aarch64" */
  readonly qemu?: string;
  /**
   * QEMU's accelerator. `auto` uses KVM if it works, else emulation, and reports the reason on
   * stderr. The first boot with KVM has a third of `bootTimeoutMs`, but at least 10 s. If the guest
   * is not ready by then, it is booted with emulation; if that is faster, KVM is not used for a
   * day. `kvm` requires KVM; `tcg` is QEMU's emulation.
   *
   * @default "auto"
   */
  readonly accel?: "auto" | "kvm" | "tcg";
  /**
   * Milliseconds that the guest may take to boot.
   *
   * @default 60000; for another architecture 300000
   */
  readonly bootTimeoutMs?: number;
  /**
   * Paths of files on this machine, raw or qcow2, each with its device in the guest: a disk,
   * `/dev/vda` to `/dev/vdz`, or a cdrom, `/dev/sr0` to `/dev/sr9`. They are read-only, except with
   * `{ path: "/dev/vda", write: true }`; the guest is then shut down properly after each command.
   */
  readonly devices?: DeviceOptions;
  /**
   * The root file system of commands: an image of `prepareImage`, its name or key, or what
   * `prepareImage` takes as `from`, such as `debian:bookworm`, which is prepared before the first
   * command, unless the cache has it. An image of ext4, squashfs or erofs is attached as it is, a
   * folder is packed for each run with mksquashfs or mkfs.erofs. An image of that name comes before
   * a path: `./NAME` is always the path. Writes go to memory and are discarded. The guest's own
   * /proc, /sys, /dev, /run and /tmp hide those of the root, and its /etc/hosts includes the lines
   * of the root's.
   *
   * @default busybox and its commands
   */
  readonly root?: string | RootImage;
  /** Whether writes to the root go to its image, which must be ext4. @default false */
  readonly rootWrite?: boolean;
  /**
   * The user of commands: a name of the root's /etc/passwd or a number, optionally with `:` and a
   * group, such as `app` or `1000:1000`. It also sets HOME, USER and LOGNAME.
   *
   * @default root
   */
  readonly user?: string;
  /**
   * The network of the guest. `user`: it can reach whatever this user can, through this machine,
   * whose loopback services it reaches at 10.0.2.2. `none`: it has no interface but its own
   * loopback.
   *
   * @default "none"
   */
  readonly network?: "none" | "user";
  /**
   * Whether to clone machines from a booted template, which takes a fraction of a boot. The first
   * run makes the template and keeps it in the cache. Without FFI every machine is booted.
   *
   * @default true; false with `console`
   */
  readonly template?: boolean;
  /**
   * How many idle machines to keep ready, from the first command until the runner is disposed.
   *
   * @default 0
   */
  readonly pool?: number;
  /** Whether each command has its own terminal, which merges stderr into stdout. @default false */
  readonly tty?: boolean;
}

/** The defaults that do not depend on the architecture. */
export const VM_DEFAULTS = { cpus: 1, memoryMib: 512, accel: "auto" } as const;

/** Default boot timeout in milliseconds, for the host's architecture. */
export const BOOT_MS = 60_000;

/** Default boot timeout in milliseconds, for another architecture, which is emulated. */
export const FOREIGN_BOOT_MS = 300_000;

/** Options with all defaults filled in. */
type Complete<T> =
  & T
  & Required<Pick<VmOptions, DefaultOption>>;
type DefaultOption =
  | keyof typeof VM_DEFAULTS
  | "arch"
  | "qemu"
  | "machine"
  | "bootTimeoutMs";

/** Fills in the defaults of options. @param host the host's architecture */
export function withDefaults<T extends VmOptions>(
  options: T,
  host: KernelArch = HOST_ARCH,
): Complete<T> {
  const { arch = host } = options;
  const { qemu, machine } = ARCHITECTURES[arch];
  const bootTimeoutMs = arch === host ? BOOT_MS : FOREIGN_BOOT_MS;
  return { ...VM_DEFAULTS, arch, qemu, machine, bootTimeoutMs, ...options };
}

/** What the options of a machine that are numbers may be. */
export const VM_RANGES: RangesOf<VmOptions, "cpus" | "memoryMib" | "bootTimeoutMs" | "pool"> = {
  cpus: { most: 255 }, // an id of the interrupt controller of x86_64 has 8 bits
  memoryMib: { most: 2 ** 24 }, // QEMU takes a machine's own limit from the processor
  bootTimeoutMs: { most: MAX_TIMER_MS },
  pool: { least: 0 },
};

/**
 * Checks that `modules` has what it needs, and is used.
 *
 * @throws {TypeError} if there is no `kernel`, or an `initrd`, which has its own modules.
 */
export function checkModules(
  { kernel, modules, initrd }: Pick<VmOptions, "kernel" | "modules" | "initrd">,
): void {
  if (modules === undefined) return;
  if (kernel === undefined) {
    throw new TypeError("cannot use modules: they are those of a given kernel: set kernel too");
  }
  if (initrd !== undefined) {
    throw new TypeError("cannot use modules: the given initrd has its own");
  }
}

/** Whether machines are clones of a template. */
export function usesTemplate(
  { template, console }: Pick<VmOptions, "template" | "console">,
): boolean {
  return template ?? console === undefined;
}

/** Checks the form of `user`. @throws {TypeError} if it is not `USER` or `USER:GROUP`. */
export function checkUser({ user }: Pick<VmOptions, "user">): void {
  if (user !== undefined) parseUser(user);
}

/** Checks the numeric options. @throws {RangeError} if one is out of its range. */
export function checkCounts(options: Pick<VmOptions, keyof typeof VM_RANGES>): void {
  requireCounts("make a machine", options, VM_RANGES);
}
