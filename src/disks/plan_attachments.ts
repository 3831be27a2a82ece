// Plans what a user attaches to a machine, without inspecting the files. Pure.

import { type MachineWords, ROOT_NAME, toKernelParams } from "../machine/protocol_words.ts";
import { type DeviceOptions, planDevices } from "./devices.ts";
import type { Drive, Network } from "./drives.ts";

/** A disk that writes to the root go to. It is made together with the machine. */
export interface WorkspaceOptions {
  /** Path of the file to make; the caller owns its folder. */
  readonly path: string;
  readonly sizeMib: number;
}

/** What a user attaches to a machine. */
export interface AttachmentOptions {
  readonly devices?: DeviceOptions | undefined;
  readonly root?: string | undefined;
  readonly rootWrite?: boolean | undefined;
  readonly network?: Network | undefined;
  readonly workspace?: WorkspaceOptions | undefined;
}

/** The drives, network and kernel parameters for the attachments of a machine. */
export interface PlannedAttachments {
  readonly drives: readonly Drive[];
  readonly network: Network;
  /** Parameters for the kernel command line. */
  readonly kernelParams: readonly string[];
}

/**
 * Checks the options and returns what they attach, without inspecting the files.
 *
 * @throws {TypeError} if an option is malformed.
 * @throws {RangeError} if a device cannot have its path in the guest.
 */
export function planAttachments(options: AttachmentOptions): PlannedAttachments {
  const { devices = {}, root, rootWrite = false, network = "none" } = options;
  if (network !== "none" && network !== "user") {
    throw new TypeError(`cannot use the network ${JSON.stringify(network)}: take none or user`);
  }
  if (rootWrite && root === undefined) {
    throw new TypeError("cannot write to the root: there is none: set root too");
  }
  const toDrive = { format: "FORMAT", isBlockDevice: false } as const;
  const drives: Drive[] = planDevices(devices).map((device) => ({ ...device, ...toDrive }));
  if (root === undefined) return { drives, network, kernelParams: paramsFor({ drives, network }) };
  drives.push({ file: root, name: ROOT_NAME, media: "disk", write: rootWrite, ...toDrive });
  const mount = { device: `/dev/${ROOT_NAME}`, type: "auto", write: rootWrite } as const;
  return { drives, network, kernelParams: paramsFor({ drives, network, root: mount }) };
}

/** Returns the kernel parameters that describe attachments to the guest. */
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
