// Which image of the cache is meant by a name.

import { UsageError } from "../model/errors.ts";
import type { Image } from "./image.ts";
import { IMAGE_FORMATS } from "./image_format.ts";
import { formatKey, namedKey } from "./image_key.ts";
import { findImage, listImages } from "./image_store.ts";

/**
 * The image that was made under that name (`cacheKey`), else the one whose key begins like that.
 *
 * @throws {UsageError} if it is not the only one.
 */
export function chooseImage(name: string): Image {
  const named = IMAGE_FORMATS.map((format) => findImage(formatKey(namedKey(name), format)))
    .filter((image) => image !== undefined);
  const isMeant = ({ key }: Image) => name !== "" && key.startsWith(name);
  const found = named.length > 0 ? named : listImages().filter(isMeant);
  if (found.length === 1) return found[0]!;
  throw new UsageError(`Cannot take the image ${JSON.stringify(name)} as ${whyNot(found, named)}`);
}

function whyNot(found: readonly Image[], named: readonly Image[]): string {
  if (found.length === 0) return "there is none";
  if (named.length === 0) return `${found.length} begin like that`;
  const keys = named.map(({ key, format }) => `${key.slice(0, 12)} (${format})`).join(", ");
  return `${found.length} have that name: say which, ${keys}`;
}
