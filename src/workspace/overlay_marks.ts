/**
 * Recognises the marks of overlayfs in its upper directory
 * (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"). Redirects and
 * metacopies are ignored: the guest mounts without them, so they had no effect in it.
 */
import type { Ext4 } from "../ext4/ext4.ts";
import type { Inode } from "../ext4/inode.ts";

const OPAQUE = "trusted.overlay.opaque";
const WHITEOUT = "trusted.overlay.whiteout";
const YES = "y".charCodeAt(0);

/** Whether an inode marks the file of the same name in the image as deleted. */
export function isWhiteout(disk: Ext4, inode: Inode): boolean {
  if (inode.kind === "character-device") {
    return inode.device?.major === 0 && inode.device.minor === 0;
  }
  return inode.kind === "file" && inode.size === 0 && disk.xattrs(inode).has(WHITEOUT);
}

/** Whether a directory hides the content of the one of the same name in the image. */
export function isOpaque(disk: Ext4, directory: Inode): boolean {
  const value = disk.xattrs(directory).get(OPAQUE);
  return value?.length === 1 && value[0] === YES;
}
