// Builds the QEMU command line of a machine. Pure.

import { type Drive, driveArgs, type Network, networkArgs } from "../disks/drives.ts";
import { ARCHITECTURES, HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { PORTS } from "../machine/protocol.ts";

/** What runs the guest's instructions; `kvm:tcg`, in plans only: the first that QEMU can use. */
export type Accelerator = "kvm" | "tcg" | "kvm:tcg";

/** A file that backs the guest's memory. */
export interface MemoryFile {
  readonly path: string;
  /** `template`: the guest writes to the file. `clone`: the file is mapped copy-on-write. */
  readonly use: "template" | "clone";
}

/** The state file as QEMU inherits it: twice, as old and new versions refer to it differently. */
export interface StateFds {
  /** A descriptor number, for a QEMU without the transport `file:`. */
  readonly plain: number;
  /** A descriptor number that is added to QEMU's fd set {@linkcode STATE_FDSET}. */
  readonly inSet: number;
}

/** The number of the fd set that holds the state file (qemu(1), -add-fd). */
export const STATE_FDSET = 1;

/** A machine to start. */
export interface MachineSpec {
  /** The guest's architecture. @default the host's */
  readonly arch?: KernelArch;
  /** The QEMU program: a name or path. */
  readonly qemu: string;
  /** QEMU's machine type. */
  readonly machine: string;
  readonly accel: Accelerator;
  readonly cpus: number;
  readonly memoryMib: number;
  /** Paths of kernel and initrd. */
  readonly kernel: string;
  readonly initrd: string;
  /** The kernel command line. */
  readonly append: string;
  /** Disks and cdroms. @default none */
  readonly drives?: readonly Drive[];
  /** @default "none" */
  readonly network?: Network;
  /**
   * The file that backs the guest's memory; without it the memory is anonymous. With it QEMU has a
   * monitor, and a clone waits there for the command to load the state of the machine.
   */
  readonly memory?: MemoryFile;
  /** The state file of a clone as QEMU inherits it; not known before QEMU is started. */
  readonly state?: StateFds;
  /** A folder with a listening socket for each key of `PORTS`, and for {@linkcode MONITOR}. */
  readonly folder: string;
}

/** The name of the monitor's socket. */
export const MONITOR = "monitor";

/** The option ROM that QEMU adds to a PC for `-kernel`; a clone's state contains it. */
const KERNEL_ROM = "linuxboot_dma.bin";
const PC = /^(q35|pc)(-|,|$)/;
/** The machine type of ARM, which has no such ROM. */
const VIRT = /^virt(-|,|$)/;

/** The argv that starts a machine. */
export function qemuArgv(spec: MachineSpec): readonly string[] {
  return [
    spec.qemu,
    // Only what is asked for: no default devices, and not the user's configuration.
    "-nodefaults",
    "-no-user-config",
    ...["-display", "none", "-no-reboot"],
    ...["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ...memoryArgs(spec),
    ...cpuArgs(spec),
    ...["-smp", String(spec.cpus), "-m", `${spec.memoryMib}M`],
    ...kernelArgs(spec),
    // The console goes to QEMU's stdout: a guest could fill the disk through a file.
    ...["-chardev", "stdio,id=console,signal=off"],
    ...["-serial", "chardev:console"],
    ...["-device", "virtio-serial-pci,id=ports"],
    ...Object.entries(PORTS).flatMap(([id, name]) => [
      ...["-chardev", `socket,id=${id},path=${escape(`${spec.folder}/${id}`)}`],
      ...["-device", `virtserialport,bus=ports.0,chardev=${id},name=${name}`],
    ]),
    ...driveArgs(spec.drives ?? []),
    ...networkArgs(spec.network ?? "none"),
  ];
}

/** KVM uses the host's model; TCG a smaller one, as each feature makes it slower. */
function cpuArgs({ accel, arch = HOST_ARCH }: MachineSpec): readonly string[] {
  const { cpu } = ARCHITECTURES[arch];
  const model = accel === "kvm" ? "host" : accel === "tcg" ? cpu : cpu && "max";
  return model === undefined ? [] : ["-cpu", model];
}

function memoryArgs(spec: MachineSpec): readonly string[] {
  const { machine, accel, memory, memoryMib, folder, state } = spec;
  const type = `${machine},accel=${accel}`;
  if (memory === undefined) return ["-machine", type];
  const { path, use } = memory;
  const share = use === "template" ? "on" : "off";
  const backend = `memory-backend-file,id=ram,size=${memoryMib}M,mem-path=${escape(path)}`;
  return [
    ...["-object", `${backend},share=${share}`],
    ...["-machine", `${type},memory-backend=ram`],
    ...["-chardev", `socket,id=${MONITOR},path=${escape(`${folder}/${MONITOR}`)}`],
    ...["-qmp", `chardev:${MONITOR}`], // -mon warns from QEMU 11 on that it is deprecated
    ...(state === undefined ? [] : ["-add-fd", `fd=${state.inSet},set=${STATE_FDSET}`]),
    ...(use === "clone" ? ["-incoming", "defer"] : []),
  ];
}

/** Whether QEMU reads kernel and initrd: clones of most machine types have them in memory. */
export function readsKernel({ memory, machine }: Pick<MachineSpec, "memory" | "machine">): boolean {
  return memory?.use !== "clone" || !(PC.test(machine) || VIRT.test(machine));
}

function kernelArgs(spec: MachineSpec): readonly string[] {
  if (!readsKernel(spec)) return PC.test(spec.machine) ? ["-option-rom", KERNEL_ROM] : [];
  return ["-kernel", spec.kernel, "-initrd", spec.initrd, "-append", spec.append];
}

/** Escapes a value in a QEMU option by doubling its commas. */
function escape(value: string): string {
  return value.replaceAll(",", ",,");
}
