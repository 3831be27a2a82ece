// What virtual machines are made of, and what they are like where nothing is said.

import type { DeviceOptions } from "../disks/devices.ts";
import { ARCHITECTURES, HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { parseUser } from "../machine/user_words.ts";
import { type CountRange, MAX_TIMER_MS, requireCounts } from "../model/require_count.ts";

/** How virtual machines are made. */
export interface VmOptions {
  /**
   * What its processor is of. One of another kind than this machine's is emulated; a kernel for it is fetched
   * by `execvm kernel fetch --arch`.
   *
   * @default that of this machine
   */
  readonly arch?: "x86_64" | "aarch64";
  /** Path of the kernel. @default the one built or fetched by `execvm kernel` */
  readonly kernel?: string;
  /** Path of the initrd. @default one that is built when it is needed */
  readonly initrd?: string;
  /** More words for the kernel command line. */
  readonly append?: string;
  /** Processors of the guest, up to 255. @default 1 */
  readonly cpus?: number;
  /** Memory of the guest. @default 512 */
  readonly memoryMib?: number;
  /** QEMU's machine type. @default "q35"; of aarch64 "virt,gic-version=max" */
  readonly machine?: string;
  /** QEMU's program. @default "qemu-system-x86_64", "qemu-system-aarch64" */
  readonly qemu?: string;
  /**
   * What runs the guest's instructions. `auto` takes KVM where it works, else emulation, and says on stderr why.
   * The first boot with KVM has a third of `bootTimeoutMs`, and at least 10 s. If it is not ready by then, the
   * guest is booted with emulation; if that is quicker, KVM is not used for a day. `kvm` insists on KVM; `tcg`
   * is QEMU's own emulation.
   *
   * @default "auto"
   */
  readonly accel?: "auto" | "kvm" | "tcg";
  /** Milliseconds that the guest has to boot. @default 60000; of another architecture 300000 */
  readonly bootTimeoutMs?: number;
  /**
   * Files of this machine, raw or qcow2, each with the device that it is in the guest: a disk,
   * `/dev/vda` to `/dev/vdz`, or a cdrom, `/dev/sr0` to `/dev/sr9`. Read-only, unless it says
   * `{ path: "/dev/vda", write: true }`; then the guest is switched off in order after each command.
   */
  readonly devices?: DeviceOptions;
  /**
   * The root of the command: an image of ext4, squashfs or erofs, or a folder, which is packed for each
   * run with mksquashfs or mkfs.erofs. What is written there goes to memory and is forgotten. Its own
   * /proc, /sys, /dev, /run and /tmp are hidden by those of the guest, and its /etc/hosts by one with its lines.
   *
   * @default busybox and its commands
   */
  readonly root?: string;
  /** Have what is written to the root go to its image, which is then an ext4. @default false */
  readonly rootWrite?: boolean;
  /**
   * Who runs commands: a name of the root's /etc/passwd or a number, with `:` and a group behind it if it is to be
   * another than theirs: `app`, `1000:1000`. HOME, USER and LOGNAME are then theirs.
   *
   * @default root
   */
  readonly user?: string;
  /**
   * `user`: the guest reaches what this user can, by way of this machine, which it sees as 10.0.2.2, with
   * what listens on its loopback. `none`: it has no network interface but its own loopback.
   *
   * @default "none"
   */
  readonly network?: "none" | "user";
  /**
   * Clone machines from one that has booted before, which takes a fraction of the time; the first run makes
   * it, and keeps it in the cache. Without FFI every machine is booted.
   *
   * @default true
   */
  readonly template?: boolean;
  /**
   * How many machines to keep ready, from the first command on until the runner is disposed.
   *
   * @default 0
   */
  readonly pool?: number;
  /** Give each command a terminal of its own; its stderr is then part of its stdout. */
  readonly tty?: boolean;
}

/** What a machine is like that nothing else is said of, whatever its architecture. */
export const VM_DEFAULTS = { cpus: 1, memoryMib: 512, accel: "auto" } as const;

/** Milliseconds to boot a machine of this machine's own kind. */
export const BOOT_MS = 60_000;

/** Milliseconds to boot one of another kind, which is emulated. */
export const FOREIGN_BOOT_MS = 300_000;

/** Options of which none is missing that has a default. */
type Complete<T> =
  & T
  & Required<Pick<VmOptions, DefaultOption>>;
type DefaultOption =
  | keyof typeof VM_DEFAULTS
  | "arch"
  | "qemu"
  | "machine"
  | "bootTimeoutMs";

/** The options with their defaults. @param host what this machine is of */
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
export const VM_RANGES = {
  cpus: { most: 255 }, // an id of the interrupt controller of x86_64 has 8 bits
  memoryMib: { most: 2 ** 24 }, // QEMU takes a machine's own limit from the processor
  bootTimeoutMs: { most: MAX_TIMER_MS },
  pool: { least: 0 },
} as const satisfies Partial<Record<keyof VmOptions, CountRange>>;

/** @throws {TypeError} if it is not who a command can be run as. */
export function checkUser({ user }: Pick<VmOptions, "user">): void {
  if (user !== undefined) parseUser(user);
}

/** @throws {RangeError} if an option that is a number is not in its range. */
export function checkCounts(options: Pick<VmOptions, keyof typeof VM_RANGES>): void {
  requireCounts("make a machine", options, VM_RANGES);
}
