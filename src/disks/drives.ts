// Builds the arguments of QEMU for disks, cdroms and the network. Pure.

import type { PlannedDevice } from "./devices.ts";
import type { DiskFormat } from "./disk_header.ts";

/** A file, and how QEMU opens it. */
export interface Drive extends PlannedDevice {
  /** `FORMAT` in a plan, for which no file is inspected. */
  readonly format: DiskFormat | "FORMAT";
  /** Whether the file is itself a block device of the host. */
  readonly isBlockDevice: boolean;
  /**
   * Whether its content may be lost in a power failure of the host, so that it is never flushed.
   */
  readonly isScratch?: boolean;
  /** An inherited descriptor of the file, which QEMU uses instead of opening it. */
  readonly fd?: number;
}

/** The network of a guest: none, or connections made by QEMU as the user who runs it. */
export type Network = "none" | "user";

/** The bus for cdroms. */
const SCSI = ["-device", "virtio-scsi-pci,id=scsi"] as const;

/**
 * Returns the arguments for the drives. The serial number of a disk is its name, and the SCSI id of
 * a cdrom is the number in its name: the guest's init identifies them by these. QEMU must not guess
 * a format: a guest could write the header of another one to a raw disk, which names files of the
 * host.
 */
export function driveArgs(drives: readonly Drive[]): readonly string[] {
  const bus = drives.some(({ media }) => media === "cdrom") ? SCSI : [];
  return [...bus, ...drives.flatMap((drive) => [...blockdev(drive), ...device(drive)])];
}

function blockdev({ file, name, format, write, isBlockDevice, isScratch, fd }: Drive): string[] {
  const filename = fd === undefined ? file : `/dev/fdset/${fd}`;
  const options = [
    `driver=${format}`,
    `node-name=${name}`,
    `read-only=${write ? "off" : "on"}`,
    `file.driver=${isBlockDevice ? "host_device" : "file"}`,
    `file.filename=${filename.replaceAll(",", ",,")}`,
  ];
  if (isScratch === true) options.push("cache.no-flush=on");
  const passed = fd === undefined ? [] : ["-add-fd", `fd=${fd},set=${fd}`];
  return [...passed, "-blockdev", options.join(",")];
}

function device({ name, media }: Drive): string[] {
  if (media === "disk") return ["-device", `virtio-blk-pci,drive=${name},serial=${name}`];
  return ["-device", `scsi-cd,bus=scsi.0,scsi-id=${name.slice("sr".length)},drive=${name}`];
}

/** Returns the arguments for the network. IPv6 is off, as the host might not have it either. */
export function networkArgs(network: Network): readonly string[] {
  if (network === "none") return ["-nic", "none"];
  return [
    ...["-netdev", "user,id=network,restrict=off,ipv6=off"],
    ...["-device", "virtio-net-pci,netdev=network,romfile="],
  ];
}
