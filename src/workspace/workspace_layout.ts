/** Where things are on the disk of a run. */

/** The upper directory of the overlay that is the guest's root. */
export const UPPER = "/upper";

/** The folder that code works in, which is the overlay's too; what the image has there is hidden. */
export const WORKSPACE = "/workspace";

/** The folder for temporary files, which is no output. */
export const TMP = "/tmp";

/** Where on the disk is what the guest has at an absolute path. */
export function diskPath(path: string): string {
  return UPPER + path;
}
