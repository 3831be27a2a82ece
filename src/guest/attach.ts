// Attaches what differs from machine to machine: the drives, and the root of the commands.

import type { Attached } from "../machine/protocol.ts";
import { readKernelParams } from "../machine/protocol_words.ts";
import { nameDisks } from "./disks.ts";
import { takeUpDrives } from "./drivers.ts";
import { forgetPlaces } from "./lent_files.ts";
import { nameResolver } from "./network.ts";
import { hasLentHosts, lendHosts } from "./hosts.ts";
import { enterRoot } from "./root.ts";
import { useWorkspace } from "./workspace.ts";

/**
 * Names the drives, enters the root and sets up its name resolution.
 *
 * @throws {Error} if a drive does not appear.
 * @throws {SystemError} if the root cannot be mounted.
 */
export function attach({ devices, root, workspace }: Attached): void {
  takeUpDrives();
  nameDisks(devices);
  if (root !== undefined) {
    enterRoot(root, workspace);
    forgetPlaces();
  }
  if (workspace !== undefined) useWorkspace();
  const { network } = readKernelParams(Deno.readTextFileSync("/proc/cmdline"));
  if (root === undefined && hasLentHosts()) return;
  lendHosts(network);
  if (network === "user") nameResolver();
}
