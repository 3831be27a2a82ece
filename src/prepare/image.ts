// An image that is ready to run code: what is known of it.

import type { ImageConfig } from "../images/image_config.ts";
import type { ImageFormat } from "./image_format.ts";

/**
 * A root file system that has been prepared, read-only, in the cache. It is data: it can be kept as JSON
 * and used by another process, as long as the image has not been removed.
 */
export interface Image {
  /** What it is called in the cache: 64 hex digits, the same for the same inputs. */
  readonly key: string;
  /** Path of the root. */
  readonly path: string;
  /** Its file system. */
  readonly format: ImageFormat;
  /** Path of the list of all that is in it, a line of JSON for each name. */
  readonly manifest: string;
  /** What it was made from, as it was written. */
  readonly from: string;
  /** The `cacheKey` that it was made under, if it was. */
  readonly cacheKey?: string;
  /** The packages that it was made with, if it was with any: those of `packages`, and of `debian.include`. */
  readonly packages?: readonly string[];
  /** What pip has put into it, if anything, as it was asked for. */
  readonly pip?: readonly string[];
  /** What the image that it was made from says of commands, if it says anything. */
  readonly config?: ImageConfig;
  /** Bytes of the root. */
  readonly bytes: number;
  /** How many names are in it. */
  readonly entries: number;
  /** When it was made, in milliseconds since 1970. */
  readonly createdMs: number;
}
