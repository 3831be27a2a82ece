// Opens an image in a registry: reads its documents at once, its layers with the root.

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
 * Opens an image in its registry. If the reference has a digest and the image is in the cache, no
 * request is sent.
 *
 * @throws {Error} if it cannot be pulled, or does not match its digest; one line that names it.
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
    const message = `cannot pull ${showReference(reference)}: ${messageOf(error)}`;
    throw new Error(message, { cause: error });
  }
}
