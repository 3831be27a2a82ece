// An image in a registry: its documents are read at once, its layers when the root is.

import { messageOf } from "../model/errors.ts";
import { mergeLayers } from "./merge_layers.ts";
import { readImage } from "./oci_image.ts";
import { HOST_PLATFORM } from "./platform.ts";
import { type Reference, showReference } from "./reference.ts";
import { RegistryBlobs } from "./registry_blobs.ts";
import {
  identityOf,
  NOTHING_TO_REMOVE,
  type RootSource,
  type SourceOptions,
} from "./root_source.ts";

/**
 * Looks up an image in its registry. With a digest, and once it is in the cache, nothing is asked of the
 * registry any more.
 *
 * @throws {Error} if it cannot be had, or is not what its digest says: one line that names it.
 * @throws the reason of `options.signal`.
 */
export async function openRegistrySource(
  reference: Reference,
  options: SourceOptions,
): Promise<RootSource> {
  const blobs = new RegistryBlobs(reference, options);
  try {
    const image = await readImage(
      blobs,
      [await blobs.resolve()],
      options.platform ?? HOST_PLATFORM,
    );
    return {
      identity: identityOf("image", image.digest),
      config: image.config,
      root: { kind: "tar", open: () => mergeLayers(image.layers) },
      ...NOTHING_TO_REMOVE,
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    const message = `Cannot pull ${showReference(reference)} as ${messageOf(error)}`;
    throw new Error(message, { cause: error });
  }
}
