// Reads an image from a folder that skopeo's `dir:` or `podman save --format docker-dir` has
// written: manifest.json, blobs named by the hex digits of their digests, manifests of an index as
// `HEX.manifest.json`, and `version` (containers-transports(5), containers/image
// directory/directory_transport.go).

import type { BlobStore } from "./blob_store.ts";
import { digestOf } from "./checked_stream.ts";
import { type OciImage, readImage } from "./oci_image.ts";
import { type ImageChoice, type ImageFiles, readFile } from "./oci_layout.ts";

/**
 * Reads the image in such a folder.
 *
 * @throws {Error} if it is incomplete, or for another platform.
 */
export async function readDockerDir(files: ImageFiles, choice: ImageChoice): Promise<OciImage> {
  const text = await readFile(files, "manifest.json");
  const root = { mediaType: "", digest: digestOf(text), size: new Blob([text]).size };
  const store: BlobStore = {
    open: ({ digest }) => {
      if (digest === root.digest) return files.open("manifest.json");
      const hex = digest.slice("sha256:".length);
      const manifest = `${hex}.manifest.json`;
      return files.open(files.has(manifest) ? manifest : hex);
    },
  };
  return await readImage(store, [root], choice.platform);
}
