// Distinguishes roots that are attached to a machine as they are from sources of images.

import { HEADER_BYTES } from "../disks/disk_header.ts";
import { isArchive } from "./archive_magic.ts";
import { foreignFact } from "./foreign_folder.ts";

/** Files of which one is in each folder that holds an image. */
const MARKERS = ["oci-layout", "index.json", "manifest.json", "version", "repositories"];

/**
 * Returns whether a path can be attached as a root as it is: an image of a file system, or a folder
 * of a root. It cannot if it is an archive, or a folder with an OCI or Docker image or a part of
 * one.
 *
 * @throws {Deno.errors} if it cannot be read.
 */
export async function isPlainRoot(path: string): Promise<boolean> {
  const { isDirectory, isFile } = await Deno.stat(path);
  if (isDirectory) return foreignFact(path) === undefined && !await holdsImage(path);
  return !isFile || !await startsAsArchive(path);
}

async function startsAsArchive(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const start = new Uint8Array(HEADER_BYTES);
  const bytes = await file.read(start) ?? 0;
  return isArchive(start.subarray(0, bytes));
}

async function holdsImage(folder: string): Promise<boolean> {
  const isThere = (name: string) => Deno.stat(`${folder}/${name}`).then(() => true, () => false);
  if (!(await Promise.all(MARKERS.map(isThere))).includes(true)) return false;
  // Loaded only here, as they are many modules.
  const { findImageForm } = await import("./image_form.ts");
  const { imageFolder } = await import("./oci_layout.ts");
  try {
    return await findImageForm(imageFolder(folder)) !== undefined;
  } catch {
    return true; // a part of one, which its source reports
  }
}
