// What a user attaches to a machine: devices, a root, a network.

import {
  type MachineWords,
  ROOT_NAME,
  type RootMount,
  toKernelParams,
  WORKSPACE_NAME,
} from "../machine/protocol_words.ts";
import { type DeviceOptions, planDevices } from "./devices.ts";
import { inspectDrive } from "./disk_file.ts";
import type { Drive, Network } from "./drives.ts";
import { openRoot } from "./root_drive.ts";

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

/** The same once the files are there. Disposing it removes what was made of them. */
export interface Attachments extends PlannedAttachments, AsyncDisposable {
  /** Whether the guest may write to a file, so that it has to be switched off in order. */
  readonly writes: boolean;
  /** How the root is to be mounted, if there is one. */
  readonly root: RootMount | undefined;
  /** Path in the guest of the device of the workspace, if there is one. */
  readonly workspace: string | undefined;
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

/**
 * Looks at all the files, and packs the root if it is a folder.
 *
 * @throws {MachineError} if one is missing or cannot be used.
 * @throws {TypeError | RangeError} as {@linkcode planAttachments}.
 */
export async function openAttachments(options: AttachmentOptions): Promise<Attachments> {
  const { network } = planAttachments(options);
  const drives: Drive[] = [];
  for (const device of planDevices(options.devices ?? {})) {
    drives.push((await inspectDrive(device)).drive);
  }
  const write = options.rootWrite === true;
  const root = options.root === undefined ? undefined : await openRoot(options.root, { write });
  if (root !== undefined) drives.push(root.drive);
  if (options.workspace !== undefined) drives.push(workspaceDrive(options.workspace));
  const workspace = options.workspace && `/dev/${WORKSPACE_NAME}`;
  return {
    drives,
    network,
    kernelParams: paramsFor({ drives, network, root: root?.mount, workspace }),
    writes: drives.some((drive) => drive.write),
    root: root?.mount,
    workspace,
    [Symbol.asyncDispose]: async () => await root?.[Symbol.asyncDispose](),
  };
}

function workspaceDrive({ path }: WorkspaceOptions): Drive {
  return {
    file: path,
    name: WORKSPACE_NAME,
    media: "disk",
    write: true,
    format: "raw",
    isBlockDevice: false,
    isScratch: true,
  };
}

function paramsFor(
  { drives, ...kernelParams }: {
    readonly drives: readonly Drive[];
    readonly network: Network;
    readonly root?: MachineWords["root"];
    readonly workspace?: string | undefined;
  },
): readonly string[] {
  return toKernelParams({ devices: drives.map(({ name }) => name), ...kernelParams });
}
