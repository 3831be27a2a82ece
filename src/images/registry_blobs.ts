// Fetches the blobs of an image from a registry, and caches them by their digests.
//
// `<cache>/blobs/sha256/HEX` appears complete, by a rename.

import { cacheDir } from "../host/cache_dir.ts";
import { hashFile } from "../host/hash_file.ts";
import { writeAside } from "../host/write_aside.ts";
import { type BlobStore, MAX_DOCUMENT_BYTES } from "./blob_store.ts";
import { digestOf } from "./checked_stream.ts";
import { downloadBlob } from "./download_blob.ts";
import { MANIFEST_TYPES, SCHEMA_1_FACT, SCHEMA_1_TYPE } from "./find_manifest.ts";
import { artifactWords } from "./oci_artifact.ts";
import type { Descriptor } from "./oci_schema.ts";
import type { Reference } from "./reference.ts";
import { RegistryClient, RegistryRefusal } from "./registry_client.ts";
import type { SourceOptions } from "./root_source.ts";

/** Media types of artifact manifests from before OCI 1.1. */
const ARTIFACT_TYPE = /^application\/vnd\.(?:oci|cncf\.oras)\.artifact\.manifest\./;

/** The blobs of one repository. */
export class RegistryBlobs implements BlobStore {
  readonly #reference: Reference;
  readonly #options: SourceOptions;
  readonly #client: RegistryClient;
  /** Digests of cached blobs that have been checked. */
  readonly #checked = new Set<string>();

  constructor(reference: Reference, options: SourceOptions) {
    this.#reference = reference;
    this.#options = options;
    this.#client = new RegistryClient(reference, {
      ...options.registry,
      signal: options.signal,
    });
  }

  /** Resolves the reference to its current manifest or index, which is then in the cache. */
  async resolve(): Promise<Descriptor> {
    const { digest, tag } = this.#reference;
    if (digest === undefined) return await this.#fetchManifest(tag!);
    if (!await this.#has(digest)) return await this.#fetchManifest(digest);
    const { size } = await Deno.stat(blobPath(digest));
    return { mediaType: MANIFEST_TYPES[0]!, digest, size };
  }

  async open(blob: Descriptor): Promise<ReadableStream<Uint8Array>> {
    const path = blobPath(blob.digest);
    if (!await this.#has(blob.digest)) await this.#fetch(blob, path);
    return (await Deno.open(path)).readable;
  }

  /** Whether a blob is in the cache; false for a damaged one, which will be replaced. */
  async #has(digest: string): Promise<boolean> {
    if (this.#checked.has(digest)) return true;
    const found = await hashFile(blobPath(digest)).catch(() => undefined);
    if (`sha256:${found}` !== digest) return false;
    this.#checked.add(digest);
    return true;
  }

  async #fetch(blob: Descriptor, path: string): Promise<void> {
    if (MANIFEST_TYPES.includes(blob.mediaType)) {
      await this.#fetchManifest(blob.digest);
      return;
    }
    const { onProgress, signal } = this.#options;
    await writeAside(path, (aside) =>
      downloadBlob(this.#client, blob, {
        path: aside,
        signal,
        onProgress: (bytes) => onProgress?.({ what: blob.digest, bytes, totalBytes: blob.size }),
      }));
    this.#checked.add(blob.digest);
  }

  async #fetchManifest(name: string): Promise<Descriptor> {
    const accept = MANIFEST_TYPES.join(", ");
    const response = await this.#client.get(`manifests/${name}`, { accept });
    const mediaType = response.headers.get("content-type")?.replace(/;.*/, "").trim() ?? "";
    const bytes = await readAll(response);
    if (!MANIFEST_TYPES.includes(mediaType)) {
      throw new RegistryRefusal(unknownFact(mediaType));
    }
    const digest = digestOf(bytes);
    const expected = name.startsWith("sha256:") ? name : this.#reference.digest;
    if (expected !== undefined && digest !== expected) {
      throw new RegistryRefusal(`the digest of its manifest is ${digest} in place of ${expected}`);
    }
    await writeAside(blobPath(digest), (aside) => Deno.writeFile(aside, bytes));
    this.#checked.add(digest);
    return { mediaType, digest, size: bytes.length };
  }
}

/** Describes a document that is not a supported manifest, as a clause. */
function unknownFact(mediaType: string): string {
  if (ARTIFACT_TYPE.test(mediaType)) return artifactWords(mediaType);
  if (SCHEMA_1_TYPE.test(mediaType)) return SCHEMA_1_FACT;
  return `it is not a supported image but ${mediaType || "of an unknown type"}`;
}

function blobPath(digest: string): string {
  return `${cacheDir()}/blobs/${digest.replace(":", "/")}`;
}

async function readAll(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES) {
      throw new RegistryRefusal(`its manifest has more than ${MAX_DOCUMENT_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return await new Blob(chunks).bytes();
}
