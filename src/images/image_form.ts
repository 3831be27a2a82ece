// Detects the form in which files contain an image, by their contents, as a root may have the same
// names.

import { readSavedImage } from "./docker_archive.ts";
import { readDockerDir } from "./docker_dir.ts";
import type { OciImage } from "./oci_image.ts";
import { type ImageChoice, type ImageFiles, readFile, readLayout } from "./oci_layout.ts";
import { DIGEST } from "./reference.ts";

/** Reads the image from files of one form. */
export type ReadImageFiles = (files: ImageFiles, choice: ImageChoice) => Promise<OciImage>;

/** The start of the file `version`. */
const DIR_VERSION = "Directory Transport Version:";

/**
 * Finds the reader for the image in these files; undefined if there is no image.
 *
 * @throws {Error} if the image is incomplete, or was saved by a Docker before 1.10.
 */
export async function findImageForm(files: ImageFiles): Promise<ReadImageFiles | undefined> {
  if (files.has("oci-layout")) {
    if (files.has("index.json")) return readLayout;
    throw new Error("it is an incomplete OCI layout: it has an oci-layout, but no index.json");
  }
  // The marker file oci-layout is often missing from layouts that were packed by hand.
  if (isIndex(files, await jsonOf(files, "index.json"))) return readLayout;
  const manifest = await jsonOf(files, "manifest.json");
  if (Array.isArray(manifest) && manifest.some(isSaved)) return readSavedImage;
  const isDir = await isDirectoryTransport(files);
  // An interrupted copy may leave nothing but the version.
  if (isDir && !files.has("manifest.json")) {
    throw new Error("it is an incomplete docker-dir: it has a version, but no manifest.json");
  }
  if (isDir || isManifest(files, manifest)) return readDockerDir;
  if (!isOldSave(files, await jsonOf(files, "repositories"))) return undefined;
  throw new Error(
    "it was saved by a Docker before 1.10: load it into a newer one, and save it again",
  );
}

/** Whether it is an entry of the manifest.json of `docker save`. */
function isSaved(value: unknown): boolean {
  return isObject(value) && "Config" in value && "Layers" in value;
}

/** Whether it is the index of a layout of which at least one blob exists. */
function isIndex(files: ImageFiles, value: unknown): boolean {
  return listOf(value, "manifests").some((it) =>
    files.has(`blobs/${digestIn(it).replace(":", "/")}`)
  );
}

/**
 * Whether it is a manifest or index of the directory transport of which at least one blob exists.
 */
function isManifest(files: ImageFiles, value: unknown): boolean {
  const hex = (it: unknown) => digestIn(it).replace("sha256:", "");
  return isObject(value) && files.has(hex(value["config"])) ||
    listOf(value, "manifests").some((it) => files.has(`${hex(it)}.manifest.json`));
}

async function isDirectoryTransport(files: ImageFiles): Promise<boolean> {
  if (!files.has("version")) return false;
  return (await readFile(files, "version").catch(() => "")).startsWith(DIR_VERSION);
}

/**
 * Whether it maps names and tags to folders of topmost layers, as a Docker before 1.10 saved them.
 */
function isOldSave(files: ImageFiles, value: unknown): boolean {
  const tags = isObject(value) ? Object.values(value) : [];
  return tags.filter(isObject).flatMap(Object.values)
    .some((folder) => files.has(`${folder}/layer.tar`));
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const found = isObject(value) ? value[key] : undefined;
  return Array.isArray(found) ? found : [];
}

function digestIn(value: unknown): string {
  const digest = isObject(value) ? value["digest"] : undefined;
  return typeof digest === "string" && DIGEST.test(digest) ? digest : "none";
}

/** The contents of a file, if it exists and is JSON; in a root it may be anything. */
async function jsonOf(files: ImageFiles, name: string): Promise<unknown> {
  if (!files.has(name)) return undefined;
  try {
    return JSON.parse(await readFile(files, name));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
