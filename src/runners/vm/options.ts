// The options of the VM runner, in TypeScript, JSON and on the command line.

import { type DeviceOptions, parseDevice } from "../../disks/devices.ts";
import { HOST_ARCH, type KernelArch } from "../../kernels/find.ts";
import { ARCHITECTURES } from "../../machine/architectures.ts";
import type { Json } from "../../model/nodes.ts";
import { parseMemoryMib } from "../contract/memory_size.ts";
import type { OptionSpec } from "../contract/runner.ts";

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
  /** Processors of the guest. @default 1 */
  readonly cpus?: number;
  /** Memory of the guest. @default 512 */
  readonly memoryMib?: number;
  /** QEMU's machine type. @default "q35"; of aarch64 "virt,gic-version=max" */
  readonly machine?: string;
  /** QEMU's program. @default "qemu-system-x86_64", "qemu-system-aarch64" */
  readonly qemu?: string;
  /**
   * What runs the guest's instructions. `auto` takes KVM where it works, and says on stderr why it does not;
   * `kvm` insists on it; `tcg` is QEMU's own emulation.
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
   * /proc, /sys, /dev, /run and /tmp are hidden by those of the guest.
   *
   * @default busybox and its commands
   */
  readonly root?: string;
  /** Have what is written to the root go to its image, which is then an ext4. @default false */
  readonly rootWrite?: boolean;
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

/** Milliseconds to boot: of what is this machine's own kind, and of another. */
const BOOT_MS = 60_000;
const FOREIGN_BOOT_MS = 300_000;

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

/** How they are written in JSON and on the command line. */
export const VM_OPTION_SPECS: Readonly<Record<string, OptionSpec>> = {
  arch: {
    type: "string",
    brief: "what its processor is of: x86_64 or aarch64",
    values: Object.keys(ARCHITECTURES),
    otherwise: "that of this machine",
  },
  kernel: {
    type: "string",
    brief: "path of the kernel",
    otherwise: "the first of execvm kernel list",
    names: "file",
  },
  initrd: {
    type: "string",
    brief: "path of the initrd",
    otherwise: "one that is built when it is needed",
    names: "file",
  },
  append: { type: "string", brief: "more words for the kernel command line" },
  cpus: { type: "number", brief: "processors of the guest", otherwise: `${VM_DEFAULTS.cpus}` },
  memoryMib: {
    type: "number",
    brief: "memory of the guest",
    otherwise: `${VM_DEFAULTS.memoryMib}`,
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  machine: { type: "string", brief: "QEMU's machine type", otherwise: "q35; of aarch64 virt" },
  qemu: {
    type: "string",
    brief: "QEMU's program",
    otherwise: "qemu-system-ARCH",
    names: "file",
  },
  accel: {
    type: "string",
    brief: "what runs the guest's instructions: auto, kvm or tcg",
    otherwise: VM_DEFAULTS.accel,
    values: ["auto", "kvm", "tcg"],
  },
  devices: {
    type: "map",
    brief: "a file as a disk or cdrom of the guest; may be repeated",
    names: "file",
    entry: { flag: "device", placeholder: "HOST:GUEST[:rw]", parse: toDeviceEntry },
  },
  bootTimeoutMs: {
    type: "number",
    brief: "milliseconds that the guest has to boot",
    otherwise: `${BOOT_MS}; of another architecture ${FOREIGN_BOOT_MS}`,
  },
  root: {
    type: "string",
    brief: "image or folder that is the root of the command",
    otherwise: "busybox and its commands",
    names: "file",
  },
  rootWrite: { type: "boolean", brief: "write to the image of the root" },
  network: {
    type: "string",
    brief: "what the guest can reach: none or user",
    otherwise: "none",
    values: ["none", "user"],
  },
  template: { type: "boolean", brief: "clone machines from one that has booted", isOn: true },
  pool: { type: "number", brief: "how many machines to keep ready", otherwise: "0" },
  tty: { type: "boolean", brief: "give the command a terminal of its own", alias: "t" },
};

function toDeviceEntry(text: string): readonly [string, Json] {
  const [file, option] = parseDevice(text);
  return [file, typeof option === "string" ? option : { ...option }];
}
