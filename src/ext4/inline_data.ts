/** Reads content that is stored in the inode (Documentation/filesystems/ext4/inlinedata.rst). */
import type { Inode } from "./inode.ts";
import type { Volume } from "./volume.ts";
import { readXattrs } from "./xattrs.ts";

/**
 * Returns the 60 bytes in the inode, followed by the value of the attribute `system.data`.
 *
 * @throws {Ext4Error} if the attributes are damaged
 */
export function inlineData(volume: Volume, inode: Inode): Uint8Array {
  const rest = readXattrs(volume, inode).get("system.data") ?? new Uint8Array();
  const whole = new Uint8Array(inode.block.length + rest.length);
  whole.set(inode.block);
  whole.set(rest, inode.block.length);
  return whole;
}
