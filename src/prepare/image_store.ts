// The images in the cache.
//
// Each is a folder `<cache>/images/<key>` that appears whole, by a rename:
//   root.FORMAT                  the image
//   root.FORMAT.manifest.jsonl   what is in it
//   image.json                   an ImageRecord
// Beside them `.lock-<key>` is locked by who makes one.

import { cacheDir } from "../host/cache_dir.ts";
import { manifestPath } from "../images/manifest.ts";
import { messageOf } from "../model/errors.ts";
import type { Image } from "./image.ts";
import type { ImageFormat } from "./image_format.ts";

/** What `image.json` holds. */
interface ImageRecord extends Omit<Image, "key" | "path" | "manifest"> {
  readonly manifestBytes: number;
}

/** Where images are. */
export function imagesDir(): string {
  return `${cacheDir()}/images`;
}

/** Where the root is in the folder of an image. */
export function rootPath(folder: string, format: ImageFormat): string {
  return `${folder}/root.${format}`;
}

/** The image of that key, if there is one that is whole; only sizes are looked at. */
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

/** What is told of an image when it is stored. */
export type ImageFacts = Omit<ImageRecord, "bytes" | "manifestBytes" | "createdMs">;

/** Finishes what has been written to `folder`, and puts it in its place. */
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
  removeImage(key); // one that is damaged
  Deno.renameSync(folder, `${imagesDir()}/${key}`);
  const image = findImage(key);
  if (image === undefined) throw new Error("Cannot keep the image as it is gone at once");
  return image;
}

/** Removes an image; whether there was one. Machines that run on it go on. */
export function removeImage(key: string): boolean {
  const aside = `${imagesDir()}/.old-${crypto.randomUUID()}`;
  try {
    Deno.renameSync(`${imagesDir()}/${key}`, aside);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new Error(`Cannot remove the image ${key} as ${messageOf(error)}`);
  }
  Deno.removeSync(aside, { recursive: true });
  return true;
}

/** All images that are whole, the newest first. */
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
