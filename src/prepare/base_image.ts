// Finds the image that another is made from, where a source may be the name or key of one.

import { UsageError } from "../model/errors.ts";
import { findByKey, findNamed, nearNames } from "./choose_image.ts";
import type { Image } from "./image.ts";

/** The source is not a path: it is read from a daemon or a registry, or made. */
export const SCHEME = /^(?:docker|oci|debian):/;

/**
 * Returns the image if `from` is the name or key of one, and undefined if it is another source: a
 * path that exists comes first.
 *
 * @throws {UsageError} if it is a word that is neither; the message has the names that are near.
 */
export function baseImage(from: string): Image | undefined {
  const isWord = typeof from === "string" && from !== "" && !/[/\0]/.test(from);
  if (!isWord || SCHEME.test(from) || exists(from)) return undefined;
  const image = findNamed(from) ?? findByKey(from);
  if (image !== undefined) return image;
  throw new UsageError(`cannot make an image from ${JSON.stringify(from)}: ${nothing(from)}`);
}

/** Returns the fact that a word is not an image or a path, and what to do. */
export function nothing(word: string): string {
  const [, image = ""] = /^([a-z0-9][\w.-]*:[\w.-]+)$/i.exec(word) ?? [];
  const source = image === "" ? "" : `, and as a source it is docker:${image} or oci://${image}`;
  return `there is no image of that name, and no such file or folder${source}${nearNames(word)}: ` +
    "execvm image list shows the images, execvm image prepare --name makes one";
}

/** Returns whether there is anything at a path. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound); // opening it reports the reason
  }
}
