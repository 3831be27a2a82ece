// Stores images in the cache.
//
// Each is a folder `<cache>/images/<key>` that appears whole, by a rename:
//   root.FORMAT                  the image
//   root.FORMAT.manifest.jsonl   what is in it
//   image.json                   an ImageRecord; its time is that of the last use
// Next to them, `.lock-<key>` is locked by the process that makes an image.

import { cacheDir } from "../host/cache_dir.ts";
import { manifestPath } from "../images/manifest.ts";
import { messageOf } from "../model/errors.ts";
import type { Image } from "./image.ts";
import type { ImageFormat } from "./image_format.ts";
import { removeNames } from "./image_names.ts";

/** The contents of `image.json`. */
interface ImageRecord extends Omit<Image, "key" | "path" | "manifest"> {
  readonly manifestBytes: number;
}

/** Returns the folder of the images. */
export function imagesDir(): string {
  return `${cacheDir()}/images`;
}

/** Returns the path of the root in the folder of an image. */
export function rootPath(folder: string, format: ImageFormat): string {
  return `${folder}/root.${format}`;
}

/** Returns the image of a key if it is complete, which only its sizes show. */
export function findImage(key: string): Image | undefined {
  const folder = `${imagesDir()}/${key}`;
  try {
    const record: ImageRecord = JSON.parse(Deno.readTextFileSync(`${folder}/image.json`));
    const { manifestBytes, ...about } = record;
    const path = rootPath(folder, about.format);
    const manifest = manifestPath(path);
    if (Deno.statSync(path).size !== about.bytes) return undefined;
    if (Deno.statSync(manifest).size !== manifestBytes) return undefined;
    return { key, path, manifest, ...about };
  } catch {
    return undefined;
  }
}

/** What is recorded when an image is stored. */
export type ImageFacts = Omit<ImageRecord, "bytes" | "manifestBytes" | "createdMs">;

/** Completes an image that was written to `folder`, and moves it into the store. */
export function publishImage(key: string, folder: string, facts: ImageFacts): Image {
  const path = rootPath(folder, facts.format);
  const record: ImageRecord = {
    ...facts,
    bytes: Deno.statSync(path).size,
    manifestBytes: Deno.statSync(manifestPath(path)).size,
    createdMs: Date.now(),
  };
  for (const file of [path, manifestPath(path)]) Deno.chmodSync(file, 0o444);
  Deno.writeTextFileSync(`${folder}/image.json`, `${JSON.stringify(record, null, 2)}\n`);
  discardImage(key); // a damaged one
  Deno.renameSync(folder, `${imagesDir()}/${key}`);
  const image = findImage(key);
  if (image === undefined) throw new Error("cannot keep the image: it disappeared immediately");
  return image;
}

/** Notes that an image is used now. */
export function markUsed(key: string): void {
  const now = new Date();
  try {
    Deno.utimeSync(recordPath(key), now, now);
  } catch {
    // the cache is read-only, or the image has been removed
  }
}

/** Returns when an image was last used, in milliseconds since 1970. */
export function usedMs(key: string): number | undefined {
  try {
    return Deno.statSync(recordPath(key)).mtime?.getTime();
  } catch {
    return undefined;
  }
}

function recordPath(key: string): string {
  return `${imagesDir()}/${key}/image.json`;
}

/**
 * Removes an image with its names, and returns whether it existed. Running machines are not
 * affected.
 */
export function removeImage(key: string): boolean {
  const isRemoved = discardImage(key);
  removeNames(key);
  return isRemoved;
}

/** Removes an image; its names are kept for one that takes its place. */
function discardImage(key: string): boolean {
  const aside = `${imagesDir()}/.old-${crypto.randomUUID()}`;
  try {
    Deno.renameSync(`${imagesDir()}/${key}`, aside);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new Error(`cannot remove the image ${key}: ${messageOf(error)}`);
  }
  Deno.removeSync(aside, { recursive: true });
  return true;
}

/** Returns all complete images, newest first. */
export function listImages(): Image[] {
  return keys().map(findImage).filter((image) => image !== undefined)
    .sort((a, b) => b.createdMs - a.createdMs);
}

function keys(): string[] {
  try {
    return [...Deno.readDirSync(imagesDir())].map(({ name }) => name)
      .filter((name) => /^[0-9a-f]{64}$/.test(name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
