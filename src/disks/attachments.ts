// Opens what a user attaches to a machine: devices, a root, a network. The files are inspected.

import { type RootMount, WORKSPACE_NAME } from "../machine/protocol_words.ts";
import { planDevices } from "./devices.ts";
import { inspectDrive } from "./disk_file.ts";
import type { Drive } from "./drives.ts";
import {
  type AttachmentOptions,
  paramsFor,
  planAttachments,
  type PlannedAttachments,
  type WorkspaceOptions,
} from "./plan_attachments.ts";
import { openRoot } from "./root_drive.ts";

/**
 * Attachments whose files have been inspected. Disposing it removes files that were made for it.
 */
export interface Attachments extends PlannedAttachments, AsyncDisposable {
  /** Whether the guest may write to a file, so that it has to be shut down cleanly. */
  readonly writes: boolean;
  /** How to mount the root, if there is one. */
  readonly root: RootMount | undefined;
  /** Path in the guest of the workspace device, if there is one. */
  readonly workspace: string | undefined;
}

/**
 * Inspects all files, and packs the root if it is a folder. The caller disposes the result.
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
