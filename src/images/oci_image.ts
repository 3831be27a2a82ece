// Reads the configuration and the layers of an image from a store of its blobs.

import { type BlobStore, readDocument, toLayer } from "./blob_store.ts";
import { about, findManifest } from "./find_manifest.ts";
import { type ImageConfig, toImageConfig } from "./image_config.ts";
import type { Layer } from "./merge_layers.ts";
import { artifactFact } from "./oci_artifact.ts";
import { type Descriptor, parseDocument } from "./oci_schema.ts";
import { fits, parsePlatform, showPlatform } from "./platform.ts";

/** An image whose documents have been read, but not its layers. */
export interface OciImage {
  /** The digest of the manifest, which changes with any byte of the image. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** The lowest first. */
  readonly layers: readonly Layer[];
}

/** Media types of layers; the compression is detected from their bytes. */
const LAYER_TYPE =
  /^application\/vnd\.(oci\.image\.layer\.(nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(diff|foreign\.diff)\.tar)([+.](gzip|zstd))?$/;

/**
 * Reads the documents of an image; its layers are read when they are opened.
 *
 * @param roots a manifest, or indexes with an image for `platform`
 * @throws {Error} if a document is missing or not valid, or not one of an image, or the image is
 * for another platform.
 */
export async function readImage(
  store: BlobStore,
  roots: readonly Descriptor[],
  platform: string,
): Promise<OciImage> {
  const found = await findManifest(store, roots, platform);
  const { config, layers } = found.manifest;
  const artifact = artifactFact(found.manifest);
  if (artifact !== undefined) throw new Error(`cannot use ${found.digest}: ${artifact}`);
  const configText = await readDocument(store, config);
  const configFile = about(config, () => parseDocument("config", configText));
  requirePlatform(configFile, platform);
  const diffIds = configFile.rootfs.diff_ids;
  if (diffIds.length !== layers.length) {
    throw new Error(
      `cannot use ${found.digest}: each layer must have a diff_id: ` +
        `there are ${layers.length} layers but ${diffIds.length} diff_ids`,
    );
  }
  layers.forEach(requireLayerType);
  return {
    digest: found.digest,
    config: toImageConfig(configFile),
    layers: layers.map((layer, index) => toLayer(store, layer, diffIds[index]!)),
  };
}

/**
 * Checks the platform of an image.
 *
 * @throws {Error} if an image for `platform` does not fit `wanted`.
 */
export function requirePlatform(platform: Parameters<typeof fits>[0], wanted: string): void {
  if (fits(platform, parsePlatform(wanted))) return;
  throw new Error(
    `cannot use the image: it is for ${showPlatform(platform)}, not ${wanted}: ` +
      "set the platform if you want that one",
  );
}

function requireLayerType({ mediaType, digest }: Descriptor): void {
  if (mediaType === "" || LAYER_TYPE.test(mediaType)) return;
  throw new Error(`cannot use layer ${digest}: it must be a tar: it is ${mediaType}`);
}
