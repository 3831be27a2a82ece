// Which image of the cache is meant by a name.

import { UsageError } from "../model/errors.ts";
import type { Image } from "./image.ts";
import { listImages } from "./image_store.ts";

/** The image whose name begins like that. @throws {UsageError} if it is not the only one. */
export function chooseImage(name: string): Image {
  const found = listImages().filter(({ key }) => key.startsWith(name));
  if (found.length === 1) return found[0]!;
  const fact = found.length === 0 ? "there is none" : `${found.length} begin like that`;
  throw new UsageError(`Cannot take the image ${JSON.stringify(name)} as ${fact}`);
}
