// From the name of an image, in whatever place, to its configuration and layers.

import { type BlobStore, readDocument, toLayer } from "./blob_store.ts";
import { about, findManifest } from "./find_manifest.ts";
import { type ImageConfig, toImageConfig } from "./image_config.ts";
import type { Layer } from "./merge_layers.ts";
import { artifactFact } from "./oci_artifact.ts";
import { type Descriptor, parseDocument } from "./oci_schema.ts";
import { fits, parsePlatform, showPlatform } from "./platform.ts";

/** An image whose documents have been read. */
export interface OciImage {
  /** Of the manifest: changes with any byte of the image. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** The lowest first. */
  readonly layers: readonly Layer[];
}

/** Media types of layers; how they are compressed is seen from their bytes. */
const LAYER_TYPE =
  /^application\/vnd\.(oci\.image\.layer\.(nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(diff|foreign\.diff)\.tar)([+.](gzip|zstd))?$/;

/**
 * Reads the documents of an image; its layers are read when they are opened.
 *
 * @param roots a manifest, or indexes of which the image for `platform` is taken
 * @throws {Error} if a document is not there or not what it should be, it is of no image, or the image is
 *   for another platform.
 */
export async function readImage(
  store: BlobStore,
  roots: readonly Descriptor[],
  platform: string,
): Promise<OciImage> {
  const found = await findManifest(store, roots, platform);
  const { config, layers } = found.manifest;
  const artifact = artifactFact(found.manifest);
  if (artifact !== undefined) throw new Error(`Cannot use ${found.digest} as ${artifact}`);
  const configText = await readDocument(store, config);
  const configFile = about(config, () => parseDocument("config", configText));
  requirePlatform(configFile, platform);
  const diffIds = configFile.rootfs.diff_ids;
  if (diffIds.length !== layers.length) {
    throw new Error(
      `Cannot use ${found.digest} as each layer must have a diff_id: ` +
        `there are ${layers.length} layers and ${diffIds.length} of these`,
    );
  }
  layers.forEach(requireLayerType);
  return {
    digest: found.digest,
    config: toImageConfig(configFile),
    layers: layers.map((layer, index) => toLayer(store, layer, diffIds[index]!)),
  };
}

/** @throws {Error} if an image for `platform` is not the one that is wanted. */
export function requirePlatform(platform: Parameters<typeof fits>[0], wanted: string): void {
  if (fits(platform, parsePlatform(wanted))) return;
  throw new Error(
    `Cannot use the image as it is for ${showPlatform(platform)}, not ${wanted}: ` +
      "set the platform if that is what is wanted",
  );
}

function requireLayerType({ mediaType, digest }: Descriptor): void {
  if (mediaType === "" || LAYER_TYPE.test(mediaType)) return;
  throw new Error(`Cannot use layer ${digest} as it must be a tar: it is ${mediaType}`);
}
