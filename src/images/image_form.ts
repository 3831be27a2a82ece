// In which form files hold an image, by what they have: the names alone are those of a root as well.

import { readSavedImage } from "./docker_archive.ts";
import { readDockerDir } from "./docker_dir.ts";
import type { OciImage } from "./oci_image.ts";
import { type ImageChoice, type ImageFiles, readFile, readLayout } from "./oci_layout.ts";
import { DIGEST } from "./reference.ts";

/** Reads the image in a form. */
export type ReadImageFiles = (files: ImageFiles, choice: ImageChoice) => Promise<OciImage>;

/** What `version` begins with. */
const DIR_VERSION = "Directory Transport Version:";

/**
 * How to read the image that is there; undefined if there is none.
 *
 * @throws {Error} if it is an image of which a part is missing, or one from before Docker 1.10.
 */
export async function findImageForm(files: ImageFiles): Promise<ReadImageFiles | undefined> {
  if (files.has("oci-layout")) {
    if (files.has("index.json")) return readLayout;
    throw new Error("it is a part of an OCI layout: it has an oci-layout, and no index.json");
  }
  // The marker of a layout is forgotten by those who pack one by hand.
  if (isIndex(files, await jsonOf(files, "index.json"))) return readLayout;
  const manifest = await jsonOf(files, "manifest.json");
  if (Array.isArray(manifest) && manifest.some(isSaved)) return readSavedImage;
  const isDir = await isDirectoryTransport(files);
  // A copy that broke off leaves a version, and nothing else at first.
  if (isDir && !files.has("manifest.json")) {
    throw new Error("it is a part of a docker-dir: it has its version, and no manifest.json");
  }
  if (isDir || isManifest(files, manifest)) return readDockerDir;
  if (!isOldSave(files, await jsonOf(files, "repositories"))) return undefined;
  throw new Error(
    "it was saved by a Docker before 1.10: load it into a newer one, and save it again",
  );
}

/** As `docker save` describes an image. */
function isSaved(value: unknown): boolean {
  return isObject(value) && "Config" in value && "Layers" in value;
}

/** An index of a layout, of which there is something. */
function isIndex(files: ImageFiles, value: unknown): boolean {
  return listOf(value, "manifests").some((it) =>
    files.has(`blobs/${digestIn(it).replace(":", "/")}`)
  );
}

/** A manifest or an index of the directory transport, of which there is something. */
function isManifest(files: ImageFiles, value: unknown): boolean {
  const hex = (it: unknown) => digestIn(it).replace("sha256:", "");
  return isObject(value) && files.has(hex(value["config"])) ||
    listOf(value, "manifests").some((it) => files.has(`${hex(it)}.manifest.json`));
}

async function isDirectoryTransport(files: ImageFiles): Promise<boolean> {
  if (!files.has("version")) return false;
  return (await readFile(files, "version").catch(() => "")).startsWith(DIR_VERSION);
}

/** Names, their tags, and the folder of the topmost layer of each. */
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

/** What a file holds, if it is there and is JSON: that of a root may be anything. */
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
