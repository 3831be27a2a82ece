// Recognizes archives by their first bytes. Pure.

import { compressionOf } from "./decompress.ts";

/**
 * Returns whether a file is a tar or compressed. It is asked before whether it is the image of a
 * file system, as the magic number of ext4 has two bytes, which compressed data may have by chance.
 */
export function isArchive(start: Uint8Array): boolean {
  return compressionOf(start) !== "none" || isTar(start);
}

/** Checks the magic of POSIX and GNU; a tar from before 1988 has none and is not recognized. */
function isTar(start: Uint8Array): boolean {
  return String.fromCharCode(...start.subarray(257, 262)) === "ustar";
}
