// The description of a prepared image.

import type { ImageConfig } from "../images/image_config.ts";
import type { ImageFormat } from "./image_format.ts";

/**
 * A prepared root file system in the cache, which is read-only. It is plain data: it can be stored
 * as JSON and used by another process, as long as the image has not been removed.
 */
export interface Image {
  /** The key in the cache: 64 hex digits, equal for equal inputs. */
  readonly key: string;
  /** Path of the file system's image. */
  readonly path: string;
  /** The file system. */
  readonly format: ImageFormat;
  /** Path of the list of its entries, one JSON object a line. */
  readonly manifest: string;
  /** The `from` that it was made from, as given. */
  readonly from: string;
  /** The `cacheKey` that it was made with, if one was given. */
  readonly cacheKey?: string;
  /**
   * The packages that were installed, if any: those of `packages` and of `debian.include`, and of
   * the image that it was made from.
   */
  readonly packages?: readonly string[];
  /** The requirements that pip installed, if any, as given. */
  readonly pip?: readonly string[];
  /** The configuration of the OCI or Docker image that it was made from, if there is one. */
  readonly config?: ImageConfig;
  /** The size of the image in bytes. */
  readonly bytes: number;
  /** How many entries it has. */
  readonly entries: number;
  /** The time when it was made, in milliseconds since 1970. */
  readonly createdMs: number;
}
