/** Where things are on the disk of a run. */

/** The upper directory of the overlay that is the guest's root. */
export const UPPER = "/upper";

/** The folder that the guest has at the same path, whatever the overlay has there. */
export const WORKSPACE = "/workspace";

/** Where on the disk is what the guest has at an absolute path. */
export function diskPath(path: string): string {
  return path === WORKSPACE || path.startsWith(`${WORKSPACE}/`) ? path : UPPER + path;
}
