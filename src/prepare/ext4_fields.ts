// Sets fields of inodes in a finished ext4 with debugfs.

import { runTool } from "../host/run_tool.ts";
import { scratchFolder } from "../host/scratch_folder.ts";
import type { RootStamp } from "../images/stamp_root.ts";
import { FORMATTERS } from "./image_format.ts";

/** A field and its value, as debugfs sets it. */
export type FieldCommand = string;

const MIN_SECONDS = -(2 ** 31);
const MAX_SECONDS = 2 ** 34 - 2 ** 31 - 1;

/** EXT4_ROOT_INO of fs/ext4/ext4.h. */
const ROOT_INODE = 2;

/** S_IFDIR of include/uapi/linux/stat.h. */
const FOLDER_TYPE = 0o040000;

/** Sets an mtime, truncated to the 34 bits of the format. */
export function timeFields(inode: number, mtime: number): FieldCommand[] {
  const seconds = Math.max(MIN_SECONDS, Math.min(Math.floor(mtime), MAX_SECONDS));
  // EXT4_EPOCH_BITS of fs/ext4/ext4.h. Not as one date: debugfs takes -1 for a failure.
  const epoch = Math.floor((seconds - MIN_SECONDS) / 2 ** 32);
  const low = (seconds >>> 0).toString(16).padStart(8, "0");
  return [
    `set_inode_field <${inode}> mtime_lo 0x${low}`,
    `set_inode_field <${inode}> mtime_extra ${epoch}`,
  ];
}

/** Sets mode, owner and time of the root folder, for which `mke2fs -d` uses its own (1.47.0). */
export function rootFields({ mode, uid, gid, mtime }: RootStamp): FieldCommand[] {
  const field = `set_inode_field <${ROOT_INODE}>`;
  return [
    `${field} mode 0${(FOLDER_TYPE | mode).toString(8)}`,
    `${field} uid ${uid}`,
    `${field} gid ${gid}`,
    ...timeFields(ROOT_INODE, mtime),
  ];
}

/** Runs debugfs commands on an image. */
export async function editExt4(image: string, commands: readonly FieldCommand[]): Promise<void> {
  await using folder = await scratchFolder();
  const script = `${folder.path}/fields`;
  await Deno.writeTextFile(script, commands.map((command) => `${command}\n`).join(""));
  await runTool(["debugfs", "-w", "-f", script, image], { env: FORMATTERS.ext4.env });
}
