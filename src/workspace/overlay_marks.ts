/**
 * The marks of overlayfs in its upper directory (Documentation/filesystems/overlayfs.rst, "whiteouts
 * and opaque directories"). Redirects and metacopies are not followed: the guest mounts without them,
 * so what they would say is not what was seen.
 */
import type { Ext4 } from "../ext4/ext4.ts";
import type { Inode } from "../ext4/inode.ts";

const OPAQUE = "trusted.overlay.opaque";
const WHITEOUT = "trusted.overlay.whiteout";
const YES = "y".charCodeAt(0);

/** Whether an inode stands for the absence of what the image has there. */
export function isWhiteout(disk: Ext4, inode: Inode): boolean {
  if (inode.kind === "character-device") {
    return inode.device?.major === 0 && inode.device.minor === 0;
  }
  return inode.kind === "file" && inode.size === 0 && disk.xattrs(inode).has(WHITEOUT);
}

/** Whether a directory hides what the image has in the one of the same name. */
export function isOpaque(disk: Ext4, directory: Inode): boolean {
  const value = disk.xattrs(directory).get(OPAQUE);
  return value?.length === 1 && value[0] === YES;
}
