// Images in an OCI layout, a folder or an archive: OCI image spec, image-layout.md.

import { type BlobStore, MAX_DOCUMENT_BYTES } from "./blob_store.ts";
import { chooseManifest, type OciImage, readImage } from "./oci_image.ts";
import { type Descriptor, type ImageIndex, parseDocument } from "./oci_schema.ts";

/** The files of a layout by their names in it. */
export interface LayoutFiles {
  /** @throws {Error} if there is none of that name. */
  open(name: string): Promise<ReadableStream<Uint8Array>>;
}

/** Which image is meant. */
export interface ImageChoice {
  /** As `linux/amd64`. */
  readonly platform: string;
  /** The name or tag of the image; needed if there are several. */
  readonly reference?: string | undefined;
}

/** Names of images: of the spec, and what containerd and Docker write beside it. */
const NAMES = ["org.opencontainers.image.ref.name", "io.containerd.image.name"];

/** The image in a layout. @throws {Error} if there is none, or several and nothing tells which. */
export async function readLayout(files: LayoutFiles, enumParser: ImageChoice): Promise<OciImage> {
  const store: BlobStore = {
    open: ({ digest }) => files.open(`blobs/${digest.replace(":", "/")}`),
  };
  const index = parseDocument("index", await readFile(files, "index.json"));
  return await readImage(store, chooseImage(index, enumParser), enumParser.platform);
}

/** The folder of a layout. */
export function layoutFolder(folder: string): LayoutFiles {
  return { open: async (name) => (await Deno.open(`${folder}/${name}`)).readable };
}

/** The text of a document whose digest nobody knows. */
export async function readFile(files: LayoutFiles, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of await files.open(name)) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES) {
      throw new Error(`${name} has more than ${MAX_DOCUMENT_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return await new Blob(chunks as Uint8Array<ArrayBuffer>[]).text();
}

function chooseImage({ manifests }: ImageIndex, { platform, reference }: ImageChoice): Descriptor {
  const named = reference === undefined
    ? manifests
    : manifests.filter((it) => namesOf(it).some((name) => isNamed(name, reference)));
  const different = new Map(named.map((it) => [it.digest, it]));
  if (different.size === 1) return named[0]!;
  if (named.length === 0) throw new Error(wrongChoice(manifests, reference));
  // Of one image for several platforms, each has one of its own, and all the same name.
  const names = new Set(named.map((it) => namesOf(it).join()));
  if (names.size > 1) throw new Error(wrongChoice(manifests, reference));
  return chooseManifest(named, platform);
}

function wrongChoice(manifests: readonly Descriptor[], reference: string | undefined): string {
  const names = [...new Set(manifests.flatMap(namesOf))].join(", ") || "images without names";
  if (manifests.length === 0) return "it has no image";
  return reference === undefined
    ? `it has several images: set the reference to one of ${names}`
    : `it has no image ${JSON.stringify(reference)}: there are ${names}`;
}

function namesOf({ annotations }: Descriptor): string[] {
  return NAMES.flatMap((key) => annotations?.[key] ?? []);
}

/** A whole name, its tag, or what is left of it when registry and folders go without saying. */
export function isNamed(name: string, reference: string): boolean {
  return name === reference || name.endsWith(`:${reference}`) || name.endsWith(`/${reference}`);
}
