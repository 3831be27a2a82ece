// Reads images from archives of `docker save` and `podman save`: manifest.json, a config file and
// layers.

import { checkedStream, digestOf } from "./checked_stream.ts";
import { decompressed } from "./decompress.ts";
import { toImageConfig } from "./image_config.ts";
import type { Layer } from "./merge_layers.ts";
import { type OciImage, requirePlatform } from "./oci_image.ts";
import { type ImageChoice, type ImageFiles, isNamed, readFile } from "./oci_layout.ts";
import { parseDocument, type SavedImage } from "./oci_schema.ts";

/** The name of a config file, which is its digest. */
const CONFIG_NAME = /([0-9a-f]{64})(?:\.json)?$/;

/**
 * Reads the image in such an archive. Its digest is that of its config file, which contains those
 * of the layers.
 *
 * @throws {Error} if there is no image, or several and no reference to choose one.
 */
export async function readSavedImage(
  files: ImageFiles,
  enumParser: ImageChoice,
): Promise<OciImage> {
  const saved = chooseSaved(
    parseDocument("saved", await readFile(files, "manifest.json")),
    enumParser,
  );
  const text = await readFile(files, saved.Config);
  const digest = digestOf(text);
  const named = CONFIG_NAME.exec(saved.Config)?.[1];
  if (named !== undefined && digest !== `sha256:${named}`) {
    throw new Error(`the digest of ${saved.Config} is ${digest}`);
  }
  const config = parseDocument("config", text);
  requirePlatform(config, enumParser.platform);
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== saved.Layers.length) {
    throw new Error(
      `there are ${saved.Layers.length} layers but ${diffIds.length} diff_ids`,
    );
  }
  const layers = saved.Layers.map((name, index) => savedLayer(files, name, diffIds[index]!));
  return { digest, config: toImageConfig(config), layers };
}

function savedLayer(files: ImageFiles, name: string, diffId: string): Layer {
  return {
    name: `layer ${name}`,
    open: async () =>
      decompressed(await files.open(name)).pipeThrough(checkedStream({ digest: diffId })),
  };
}

function chooseSaved(images: readonly SavedImage[], { reference }: ImageChoice): SavedImage {
  const named = reference === undefined
    ? images
    : images.filter(({ RepoTags }) => RepoTags?.some((name) => isNamed(name, reference)));
  if (named.length === 1) return named[0]!;
  const names = images.flatMap(({ RepoTags }) => RepoTags ?? []).join(", ") || "none with a name";
  throw new Error(
    reference === undefined
      ? `it must have one image, or the reference must be set to one of ${names}`
      : `it has no image ${JSON.stringify(reference)}: there are ${names}`,
  );
}
