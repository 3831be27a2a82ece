// From the name of an image, in whatever place, to its configuration and layers.

import { messageOf } from "../model/errors.ts";
import { type BlobStore, readDocument, toLayer } from "./blob_store.ts";
import { digestOf } from "./checked_stream.ts";
import { type ImageConfig, toImageConfig } from "./image_config.ts";
import type { Layer } from "./merge_layers.ts";
import { type Descriptor, type ImageManifest, isIndex, parseDocument } from "./oci_schema.ts";
import { choosePlatform, fits, parsePlatform, showPlatform } from "./platform.ts";

/** An image whose documents have been read. */
export interface OciImage {
  /** Of the manifest: changes with any byte of the image. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** The lowest first. */
  readonly layers: readonly Layer[];
}

/** Indexes in indexes are as deep as this at most. */
const MAX_DEPTH = 4;

/** Media types of layers; how they are compressed is seen from their bytes. */
const LAYER_TYPE =
  /^application\/vnd\.(oci\.image\.layer\.(nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(diff|foreign\.diff)\.tar)([+.](gzip|zstd))?$/;

/**
 * Reads the documents of an image; its layers are read when they are opened.
 *
 * @param blob a manifest, or an index of which the image for `platform` is taken
 * @throws {Error} if a document is not there or not what it should be, or the image is for another
 *   platform.
 */
export async function readImage(
  store: BlobStore,
  blob: Descriptor,
  platform: string,
): Promise<OciImage> {
  const found = await findManifest(store, blob, platform);
  const { config, layers } = found.manifest;
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

async function findManifest(
  store: BlobStore,
  blob: Descriptor,
  platform: string,
  depth = 0,
): Promise<{ readonly digest: string; readonly manifest: ImageManifest }> {
  const text = await readDocument(store, blob);
  if (!about(blob, () => isIndex(text))) {
    const manifest = about(blob, () => parseDocument("manifest", text));
    return { digest: digestOf(text), manifest };
  }
  const { manifests } = about(blob, () => parseDocument("index", text));
  const chosen = chooseManifest(manifests, platform);
  if (depth < MAX_DEPTH) return await findManifest(store, chosen, platform, depth + 1);
  throw new Error(`Cannot use ${blob.digest} as indexes are at most ${MAX_DEPTH} deep`);
}

/** @throws {Error} if no image of an index is for the platform: the message names those there are. */
export function chooseManifest(manifests: readonly Descriptor[], platform: string): Descriptor {
  const chosen = choosePlatform(manifests, parsePlatform(platform));
  // An index of one that does not say what it is for: its config does.
  if (chosen !== undefined) return chosen;
  if (manifests.length === 1 && manifests[0]!.platform === undefined) return manifests[0]!;
  const known = manifests.flatMap((it) => it.platform ? [showPlatform(it.platform)] : [])
    .filter((name) => !name.startsWith("unknown"));
  throw new Error(
    `Cannot use the image as there is none for ${platform}: there are ${
      known.join(", ") || "none"
    }`,
  );
}

function requireLayerType({ mediaType, digest }: Descriptor): void {
  if (mediaType === "" || LAYER_TYPE.test(mediaType)) return;
  throw new Error(`Cannot use layer ${digest} as it must be a tar: it is ${mediaType}`);
}

function about<T>({ digest }: Descriptor, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`Cannot use ${digest} as ${messageOf(error)}`, { cause: error });
  }
}
