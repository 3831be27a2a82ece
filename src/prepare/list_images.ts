// Lists the images of the cache with what may change about them: their names, and their last use.

import type { Image } from "./image.ts";
import { allNames } from "./image_names.ts";
import { listImages, usedMs } from "./image_store.ts";

/** An image of the cache. */
export interface ListedImage extends Image {
  /** Its names, sorted. */
  readonly names: readonly string[];
  /** The time of its last use, in milliseconds since 1970. */
  readonly usedMs: number;
}

/** Returns all complete images, newest first. */
export function listedImages(): ListedImage[] {
  return withFacts(listImages());
}

/** Returns an image with its names and the time of its last use. */
export function listedImage(image: Image): ListedImage {
  return withFacts([image])[0]!;
}

/** Returns all names of images, sorted. */
export function nameList(): readonly string[] {
  return listedImages().flatMap(({ names }) => names).sort();
}

function withFacts(images: readonly Image[]): ListedImage[] {
  const all = allNames();
  return images.map((image) => ({
    ...image,
    names: namesOf(image, all),
    usedMs: usedMs(image.key) ?? image.createdMs,
  }));
}

function namesOf({ key, cacheKey }: Image, all: ReadonlyMap<string, string>): readonly string[] {
  const names = [...all].filter(([, owner]) => owner === key).map(([name]) => name);
  // Version 0.1 recorded the name of a `cacheKey` only with the image.
  const isOld = cacheKey !== undefined && !all.has(cacheKey);
  return [...names, ...(isOld ? [cacheKey] : [])].sort();
}
