// The part of QEMU's command line that is about disks, cdroms and the network. Pure.

import type { PlannedDevice } from "./devices.ts";
import type { DiskFormat } from "./disk_header.ts";

/** A file as QEMU is to open it. */
export interface Drive extends PlannedDevice {
  /** `FORMAT` in a plan, for which no file is looked at. */
  readonly format: DiskFormat | "FORMAT";
  /** Whether the file is itself a block device of the host. */
  readonly isBlockDevice: boolean;
  /** Whether nobody needs what is on it after a power cut of this machine, so that it is never flushed. */
  readonly isScratch?: boolean;
  /** A descriptor of ours by which QEMU has the file open from its start, in place of opening it. */
  readonly fd?: number;
}

/** What a guest can reach: nothing, or by way of this user's own connections whatever the user can. */
export type Network = "none" | "user";

/** Bus of the cdroms. */
const SCSI = ["-device", "virtio-scsi-pci,id=scsi"] as const;

/**
 * Arguments for the drives. A disk says its name as its serial number and a cdrom has the number of its
 * name as its SCSI id, by which the guest's init knows them. QEMU never guesses a format: what a guest
 * wrote to a raw disk could look like another one, which names files of the host.
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

/** Arguments for the network. The guest has no IPv6, which the host might not have either. */
export function networkArgs(network: Network): readonly string[] {
  if (network === "none") return ["-nic", "none"];
  return [
    ...["-netdev", "user,id=network,restrict=off,ipv6=off"],
    ...["-device", "virtio-net-pci,netdev=network,romfile="],
  ];
}
