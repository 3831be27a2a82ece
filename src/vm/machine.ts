// The command line of QEMU for a machine. Pure.

import { type Drive, driveArgs, type Network, networkArgs } from "./drives.ts";
import { PORTS } from "./protocol.ts";

/** What runs the guest's instructions; `kvm:tcg` is, for plans only, the first that QEMU can use. */
export type Accelerator = "kvm" | "tcg" | "kvm:tcg";

/** A machine to start. */
export interface MachineSpec {
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
  /** A folder with a listening socket for each port, named as in `PORTS`. */
  readonly folder: string;
}

/** The argv that starts a machine. */
export function qemuArgv(spec: MachineSpec): readonly string[] {
  return [
    spec.qemu,
    // Nothing but what is asked for: no default devices, no files of the user's configuration.
    "-nodefaults",
    "-no-user-config",
    ...["-display", "none", "-no-reboot"],
    ...["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ...["-machine", `${spec.machine},accel=${spec.accel}`],
    // TCG gets slower the more a model has; KVM gives what the host has.
    ...(spec.accel === "kvm" ? ["-cpu", "host"] : []),
    ...["-smp", String(spec.cpus), "-m", `${spec.memoryMib}M`],
    ...["-kernel", spec.kernel, "-initrd", spec.initrd, "-append", spec.append],
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

/** A value in QEMU's options: a comma is doubled. */
function escape(value: string): string {
  return value.replaceAll(",", ",,");
}
