// The command line of QEMU for a machine. Pure.

import { type Drive, driveArgs, type Network, networkArgs } from "../disks/drives.ts";
import { ARCHITECTURES, HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { PORTS } from "../machine/protocol.ts";

/** What runs the guest's instructions; `kvm:tcg` is, for plans only, the first that QEMU can use. */
export type Accelerator = "kvm" | "tcg" | "kvm:tcg";

/** A file that is the memory of the guest. */
export interface MemoryFile {
  readonly path: string;
  /** `template`: the guest's memory is the file. `clone`: it begins as the file, and what it writes is its own. */
  readonly use: "template" | "clone";
}

/** What QEMU has had open since its start: the same file twice, as older and newer ones name it differently. */
export interface StateFds {
  /** The number of a descriptor, for a QEMU without the transport `file:`. */
  readonly plain: number;
  /** One that is given to QEMU for its fd set {@linkcode STATE_FDSET}. */
  readonly inSet: number;
}

/** The fd set with the file of the state (qemu(1), -add-fd). */
export const STATE_FDSET = 1;

/** A machine to start. */
export interface MachineSpec {
  /** What its guest is of. @default this machine's */
  readonly arch?: KernelArch;
  /** QEMU's program. */
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
   * The guest's memory, if it is not QEMU's own. QEMU has a monitor then, and in a clone waits there for
   * being told the state of the machine.
   */
  readonly memory?: MemoryFile;
  /** What QEMU has open of the state of a clone; not known before it is started. */
  readonly state?: StateFds;
  /** A folder with a listening socket for each port, named as in `PORTS`, and for {@linkcode MONITOR}. */
  readonly folder: string;
}

/** The socket of QEMU's monitor. */
export const MONITOR = "monitor";

/** What QEMU has in its memory of a PC with a kernel of its own, which a clone has in its state. */
const KERNEL_ROM = "linuxboot_dma.bin";
const PC = /^(q35|pc)(-|,|$)/;
/** That of ARM has nothing of the kind. */
const VIRT = /^virt(-|,|$)/;

/** The argv that starts a machine. */
export function qemuArgv(spec: MachineSpec): readonly string[] {
  return [
    spec.qemu,
    // Nothing but what is asked for: no default devices, no files of the user's configuration.
    "-nodefaults",
    "-no-user-config",
    ...["-display", "none", "-no-reboot"],
    ...["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ...memoryArgs(spec),
    ...cpuArgs(spec),
    ...["-smp", String(spec.cpus), "-m", `${spec.memoryMib}M`],
    ...kernelArgs(spec),
    // The console comes out of QEMU's stdout: a file could be made to fill the disk.
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

/** TCG gets slower the more a model has; KVM gives what the host has. */
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
    ...["-qmp", `chardev:${MONITOR}`], // -mon says from QEMU 11 on that it is deprecated
    ...(state === undefined ? [] : ["-add-fd", `fd=${state.inSet},set=${STATE_FDSET}`]),
    ...(use === "clone" ? ["-incoming", "defer"] : []),
  ];
}

/** Whether QEMU reads kernel and initrd. A clone of these has booted, and has them in its memory. */
export function readsKernel({ memory, machine }: Pick<MachineSpec, "memory" | "machine">): boolean {
  return memory?.use !== "clone" || !(PC.test(machine) || VIRT.test(machine));
}

function kernelArgs(spec: MachineSpec): readonly string[] {
  if (!readsKernel(spec)) return PC.test(spec.machine) ? ["-option-rom", KERNEL_ROM] : [];
  return ["-kernel", spec.kernel, "-initrd", spec.initrd, "-append", spec.append];
}

/** A value in QEMU's options: a comma is doubled. */
function escape(value: string): string {
  return value.replaceAll(",", ",,");
}
