// Finds an image of the cache by name or key.

import { UsageError } from "../model/errors.ts";
import type { Image } from "./image.ts";
import { IMAGE_FORMATS } from "./image_format.ts";
import { formatKey, namedKey } from "./image_key.ts";
import { findImage, listImages } from "./image_store.ts";

/**
 * Returns the image with that name (`cacheKey`), else the one whose key starts with it.
 *
 * @throws {UsageError} if none or several match.
 */
export function chooseImage(name: string): Image {
  const named = IMAGE_FORMATS.map((format) => findImage(formatKey(namedKey(name), format)))
    .filter((image) => image !== undefined);
  const isMeant = ({ key }: Image) => name !== "" && key.startsWith(name);
  const found = named.length > 0 ? named : listImages().filter(isMeant);
  if (found.length === 1) return found[0]!;
  throw new UsageError(`cannot take the image ${JSON.stringify(name)}: ${whyNot(found, named)}`);
}

function whyNot(found: readonly Image[], named: readonly Image[]): string {
  if (found.length === 0) return "there is none";
  if (named.length === 0) return `${found.length} start with that`;
  const keys = named.map(({ key, format }) => `${key.slice(0, 12)} (${format})`).join(", ");
  return `${found.length} have that name: choose one by key, ${keys}`;
}
