/** The layout of the disk of a run. */

/** The upper directory of the overlay that is the guest's root. */
export const UPPER = "/upper";

/** The folder that code works in. It is part of the overlay and hides that of the image. */
export const WORKSPACE = "/workspace";

/** The folder for temporary files, which are not outputs. */
export const TMP = "/tmp";

/** Returns the path on the disk for an absolute path in the guest. */
export function diskPath(path: string): string {
  return UPPER + path;
}
