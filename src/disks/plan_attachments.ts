// What a user attaches to a machine, without a look at the files. Pure.

import { type MachineWords, ROOT_NAME, toKernelParams } from "../machine/protocol_words.ts";
import { type DeviceOptions, planDevices } from "./devices.ts";
import type { Drive, Network } from "./drives.ts";

/** A disk that takes what is written to the root. It is made with the machine. */
export interface WorkspaceOptions {
  /** Path of the file to be; its folder is the caller's. */
  readonly path: string;
  readonly sizeMib: number;
}

/** What to attach. */
export interface AttachmentOptions {
  readonly devices?: DeviceOptions | undefined;
  readonly root?: string | undefined;
  readonly rootWrite?: boolean | undefined;
  readonly network?: Network | undefined;
  readonly workspace?: WorkspaceOptions | undefined;
}

/** What a machine is started with for it. */
export interface PlannedAttachments {
  readonly drives: readonly Drive[];
  readonly network: Network;
  /** For the kernel command line. */
  readonly kernelParams: readonly string[];
}

/**
 * What there would be, without a look at the files.
 *
 * @throws {TypeError} if an option is not what it should be.
 * @throws {RangeError} if devices cannot be where they are to be.
 */
export function planAttachments(options: AttachmentOptions): PlannedAttachments {
  const { devices = {}, root, rootWrite = false, network = "none" } = options;
  if (network !== "none" && network !== "user") {
    throw new TypeError(`Cannot have the network ${JSON.stringify(network)}: take none or user`);
  }
  if (rootWrite && root === undefined) {
    throw new TypeError("Cannot write to the root as there is none: give root too");
  }
  const toDrive = { format: "FORMAT", isBlockDevice: false } as const;
  const drives: Drive[] = planDevices(devices).map((device) => ({ ...device, ...toDrive }));
  if (root === undefined) return { drives, network, kernelParams: paramsFor({ drives, network }) };
  drives.push({ file: root, name: ROOT_NAME, media: "disk", write: rootWrite, ...toDrive });
  const mount = { device: `/dev/${ROOT_NAME}`, type: "auto", write: rootWrite } as const;
  return { drives, network, kernelParams: paramsFor({ drives, network, root: mount }) };
}

/** What the guest is told of it on the kernel command line. */
export function paramsFor(
  { drives, ...kernelParams }: {
    readonly drives: readonly Drive[];
    readonly network: Network;
    readonly root?: MachineWords["root"];
    readonly workspace?: string | undefined;
  },
): readonly string[] {
  return toKernelParams({ devices: drives.map(({ name }) => name), ...kernelParams });
}
