// Finds the manifest of one image, through an index and nested indexes.

import { messageOf } from "../model/errors.ts";
import { type BlobStore, readDocument } from "./blob_store.ts";
import { digestOf } from "./checked_stream.ts";
import { artifactFact, artifactWords, isAttached } from "./oci_artifact.ts";
import {
  type Descriptor,
  type ImageManifest,
  isIndex,
  parseDocument,
  type Platform,
} from "./oci_schema.ts";
import { choosePlatform, fits, parsePlatform, showPlatform } from "./platform.ts";

/** The manifest of an image. */
export interface FoundManifest {
  /** The digest of the manifest, which changes with any byte of the image. */
  readonly digest: string;
  readonly manifest: ImageManifest;
}

/** The maximum depth of nested indexes. */
const MAX_DEPTH = 4;
/** The maximum number of indexes, and of images whose index entry has no platform. */
const MAX_DOCUMENTS = 64;

const INDEX_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const IMAGE_TYPES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** The fact for images that a Docker before 1.10 pushed. */
export const SCHEMA_1_FACT =
  "it uses Docker's schema 1, which is not supported: push the image again";
/**
 * Media types of schema 1, signed and unsigned: distribution,
 * docs/content/spec/deprecated-schema-v1.md.
 */
export const SCHEMA_1_TYPE: RegExp =
  /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;

/** Media types to accept from `manifests/` of a registry. */
export const MANIFEST_TYPES: readonly string[] = [...INDEX_TYPES, ...IMAGE_TYPES];

/**
 * Finds the manifest of the image for a platform.
 *
 * @param roots one or more manifests or indexes to start from
 * @throws {Error} if there is no image or more than one for the platform, or a document is not
 * valid.
 */
export async function findManifest(
  store: BlobStore,
  roots: readonly Descriptor[],
  platform: string,
): Promise<FoundManifest> {
  const search = new Search(store, parsePlatform(platform));
  await search.enter(roots);
  const chosen = search.chosen() ?? await search.chosenByConfig();
  if (chosen !== undefined) return await readManifest(store, chosen);
  const known = search.known.filter((name) => !name.startsWith("unknown")).join(", ");
  throw new Error(
    `cannot use the image: there is none for ${platform}: there are ${known || "none"}`,
  );
}

/** Reads a manifest. @throws {Error} if it is not a valid one, or not one of an image. */
async function readManifest(store: BlobStore, blob: Descriptor): Promise<FoundManifest> {
  const text = await readDocument(store, blob);
  return about(blob, () => {
    const { schemaVersion, mediaType = "", artifactType, blobs } = parseDocument("head", text);
    if (schemaVersion === 1) throw new Error(SCHEMA_1_FACT);
    if (blobs !== undefined) throw new Error(artifactWords(artifactType || mediaType));
    return { digest: digestOf(text), manifest: parseDocument("manifest", text) };
  });
}

class Search {
  readonly #store: BlobStore;
  readonly #wanted: Platform;
  readonly #opened = new Set<string>();
  /** Images whose entry matches the platform. */
  readonly #stated: Descriptor[] = [];
  /** Images whose entry has no platform. */
  readonly #unstated: Descriptor[] = [];
  /** Entries that are not images. */
  readonly #others: Descriptor[] = [];
  /** The platforms of all other images. */
  readonly known: string[] = [];

  constructor(store: BlobStore, wanted: Platform) {
    this.#store = store;
    this.#wanted = wanted;
  }

  async enter(roots: readonly Descriptor[]): Promise<void> {
    // For a single entry the image's configuration decides, whatever its platform field is.
    if (roots.length === 1) await this.#open({ ...roots[0]!, platform: undefined }, 0);
    else await this.#walk(roots, 0);
  }

  /** Chooses by the platforms in the indexes. */
  chosen(): Descriptor | undefined {
    const stated = choosePlatform(this.#stated, this.#wanted);
    if (stated !== undefined) return stated;
    return this.#unstated.length === 1 ? this.#unstated[0] : undefined;
  }

  /**
   * Chooses by the configurations; if there are no images, the first other entry, so that the error
   * can name it.
   */
  async chosenByConfig(): Promise<Descriptor | undefined> {
    const fitting = new Map<string, Descriptor>();
    this.#requireFew(this.#unstated.length);
    for (const blob of this.#unstated) {
      const platform = await this.#platformOf(blob);
      if (platform === undefined) this.#others.push(blob);
      else if (fits(platform, this.#wanted)) fitting.set(blob.digest, blob);
      else this.known.push(showPlatform(platform));
    }
    if (fitting.size > 1) {
      const wanted = showPlatform(this.#wanted);
      const digests = [...fitting.keys()].join(", ");
      throw new Error(`cannot use the image: there are several for ${wanted}: ${digests}`);
    }
    const [only] = fitting.values();
    return only ?? (this.known.length === 0 ? this.#others[0] : undefined);
  }

  async #walk(manifests: readonly Descriptor[], depth: number): Promise<void> {
    for (const blob of manifests) {
      const { mediaType, platform } = blob;
      if (isAttached(blob)) this.#others.push(blob);
      else if (platform !== undefined && !fits(platform, this.#wanted)) {
        this.known.push(showPlatform(platform));
      } else if (IMAGE_TYPES.includes(mediaType)) this.#note(blob);
      else if (mediaType === "" || INDEX_TYPES.includes(mediaType)) await this.#open(blob, depth);
      // Entries of other types must be ignored: image-index.md, "manifests".
    }
  }

  async #open(blob: Descriptor, depth: number): Promise<void> {
    if (this.#opened.has(blob.digest)) return;
    this.#opened.add(blob.digest);
    this.#requireFew(this.#opened.size);
    const text = await readDocument(this.#store, blob);
    if (!about(blob, () => isIndex(text))) return this.#note(blob);
    if (depth > MAX_DEPTH) {
      throw new Error(`cannot use ${blob.digest}: indexes are at most ${MAX_DEPTH} deep`);
    }
    await this.#walk(about(blob, () => parseDocument("index", text)).manifests, depth + 1);
  }

  #note(blob: Descriptor): void {
    (blob.platform === undefined ? this.#unstated : this.#stated).push(blob);
  }

  /** The platform in an image's configuration; undefined if it is not an image. */
  async #platformOf(blob: Descriptor): Promise<Platform | undefined> {
    const { manifest } = await readManifest(this.#store, blob);
    if (artifactFact(manifest) !== undefined) return undefined;
    const text = await readDocument(this.#store, manifest.config);
    return about(manifest.config, () => parseDocument("config", text));
  }

  #requireFew(count: number): void {
    if (count <= MAX_DOCUMENTS) return;
    throw new Error(`cannot use the image: it has more than ${MAX_DOCUMENTS} indexes or images`);
  }
}

/** Calls `read`. @throws {Error} what `read` throws, with the digest of the document. */
export function about<T>({ digest }: Descriptor, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`cannot use ${digest}: ${messageOf(error)}`, { cause: error });
  }
}
