// Finds an image of the cache by name or key.

import { findCacheDir } from "../host/cache_dir.ts";
import { closeWords } from "../model/did_you_mean.ts";
import { UsageError } from "../model/errors.ts";
import type { Image } from "./image.ts";
import { IMAGE_FORMATS } from "./image_format.ts";
import { formatKey, namedKey } from "./image_key.ts";
import { keyNamed } from "./image_names.ts";
import { findImage, listImages } from "./image_store.ts";
import { nameList } from "./list_images.ts";

/** The start of a key that identifies an image has at least this many digits. */
const KEY_START = /^[0-9a-f]{4,64}$/;

/** How many near names an error shows. */
const MOST_NEAR = 3;

/**
 * Returns the image with that name, else the one whose key starts with it.
 *
 * @throws {UsageError} if none or several match.
 */
export function chooseImage(name: string): Image {
  const found = findNamed(name) ?? findByKey(name);
  if (found !== undefined) return found;
  throw new UsageError(
    `cannot take the image ${JSON.stringify(name)}: there is none${nearNames(name)}`,
  );
}

/** Returns the image with that name, if there is one. */
export function findNamed(name: string): Image | undefined {
  if (findCacheDir() === undefined) return undefined;
  const key = keyNamed(name);
  const image = key === undefined ? undefined : findImage(key);
  if (image !== undefined) return image;
  // Images that were made with a `cacheKey` by version 0.1 have no file of their name.
  return IMAGE_FORMATS.map((format) => findImage(formatKey(namedKey(name), format)))
    .filter((image) => image !== undefined).sort((a, b) => b.createdMs - a.createdMs)[0];
}

/**
 * Returns the image whose key starts with these four or more hex digits, if there is one.
 *
 * @throws {UsageError} if there are several.
 */
export function findByKey(start: string): Image | undefined {
  if (!KEY_START.test(start) || findCacheDir() === undefined) return undefined;
  const found = findImage(start) ?? listImages().filter(({ key }) => key.startsWith(start));
  if (!Array.isArray(found)) return found;
  if (found.length < 2) return found[0];
  throw new UsageError(
    `cannot take the image ${JSON.stringify(start)}: ${found.length} start with that`,
  );
}

/** Returns ` (did you mean X or Y?)` with the names that are close to this one, if any are. */
export function nearNames(name: string): string {
  const names = nameList();
  const within = names.filter((known) => name.length > 1 && known.startsWith(name));
  const near = [...new Set([...closeWords(name, names), ...within])].slice(0, MOST_NEAR);
  return near.length === 0 ? "" : ` (did you mean ${near.join(" or ")}?)`;
}
