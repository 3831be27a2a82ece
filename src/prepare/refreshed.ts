// Remembers which image is used in place of one that was made again.
//
// Each is a file `<cache>/images/.refreshed/<key>` with the key of the image in its place, which
// machines that run the older one do not notice.

import { faultOf } from "../host/fault.ts";
import { replaceFile } from "../host/write_aside.ts";
import { identityOf } from "../images/root_source.ts";
import { imagesDir } from "./image_store.ts";

function folder(): string {
  return `${imagesDir()}/.refreshed`;
}

/** Returns the key that is used in place of a key; that one itself, unless it was refreshed. */
export function currentKey(key: string): string {
  try {
    const current = Deno.readTextFileSync(`${folder()}/${key}`);
    return /^[0-9a-f]{64}$/.test(current) ? current : key;
  } catch {
    return key;
  }
}

/** Returns a new key for an image that is made again. */
export function freshKey(key: string): string {
  return identityOf("refreshed", `${key} ${crypto.randomUUID()}`);
}

/** Puts a key in the place of another. @throws {Error} if the cache cannot be written. */
export function putInPlace(fresh: string, key: string): void {
  try {
    Deno.mkdirSync(folder(), { recursive: true });
    replaceFile(`${folder()}/${key}`, fresh);
  } catch (error) {
    throw new Error(`cannot use the refreshed image: ${faultOf(error)}`, { cause: error });
  }
}

/** Milliseconds after which the packages of a Debian suite are likely to have changed much. */
const OLD_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Returns a notice if the image of a `debian:SUITE`, which is not made again by itself, is old.
 *
 * @param createdMs when it was made, in milliseconds since 1970, as is `nowMs`
 */
export function oldImageNotice(
  from: string,
  createdMs: number,
  nowMs: number = Date.now(),
): string | undefined {
  if (!from.startsWith("debian:") || nowMs - createdMs < OLD_MS) return undefined;
  const days = Math.floor((nowMs - createdMs) / (24 * 60 * 60 * 1000));
  return `execvm: the image of ${from} is ${days} days old: ` +
    `execvm image prepare --refresh ${from} makes it again`;
}
