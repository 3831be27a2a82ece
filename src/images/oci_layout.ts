// Reads images from an OCI layout in a folder or an archive: OCI image spec, image-layout.md.

import { type BlobStore, MAX_DOCUMENT_BYTES } from "./blob_store.ts";
import { type OciImage, readImage } from "./oci_image.ts";
import { type Descriptor, type ImageIndex, parseDocument } from "./oci_schema.ts";

/** The files of an image in a folder or an archive, by name. */
export interface ImageFiles {
  /** Whether there is a file of that name. */
  has(name: string): boolean;
  /** Opens a file. @throws {Error} if there is no such file. */
  open(name: string): Promise<ReadableStream<Uint8Array>>;
}

/** Chooses one of several images. */
export interface ImageChoice {
  /** Such as `linux/amd64`. */
  readonly platform: string;
  /** The name or tag of the image; required if there are several. */
  readonly reference?: string | undefined;
}

/** Annotations that name an image: the spec's, and the one that containerd and Docker add. */
const NAMES = ["org.opencontainers.image.ref.name", "io.containerd.image.name"];

/**
 * Reads the image in a layout.
 *
 * @throws {Error} if there is no image, or several and no reference to choose one.
 */
export async function readLayout(files: ImageFiles, enumParser: ImageChoice): Promise<OciImage> {
  const store: BlobStore = {
    open: ({ digest }) => files.open(`blobs/${digest.replace(":", "/")}`),
  };
  const index = parseDocument("index", await readFile(files, "index.json"));
  return await readImage(store, chooseImages(index, enumParser), enumParser.platform);
}

/** Gives access to the files of an image in a folder. */
export function imageFolder(folder: string): ImageFiles {
  return {
    has: (name) => isFile(`${folder}/${name}`),
    open: async (name) => (await Deno.open(`${folder}/${name}`)).readable,
  };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Reads the text of a document whose digest is not known.
 *
 * @throws {Error} if it is missing or too large.
 */
export async function readFile(files: ImageFiles, name: string): Promise<string> {
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

/** The entries of the chosen image: one for several platforms has an entry for each. */
function chooseImages(
  { manifests }: ImageIndex,
  { reference }: ImageChoice,
): readonly Descriptor[] {
  const named = reference === undefined
    ? manifests
    : manifests.filter((it) =>
      it.digest === reference || namesOf(it).some((name) => isNamed(name, reference))
    );
  if (named.length === 0) throw new Error(wrongChoice(manifests, reference));
  if (new Set(named.map(({ digest }) => digest)).size === 1) return named.slice(0, 1);
  // An image for several platforms: different digests, all with the same name.
  const names = new Set(named.map((it) => namesOf(it).join()));
  if (names.size > 1) throw new Error(wrongChoice(manifests, reference));
  return named;
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

/**
 * Whether a reference names an image: by its whole name, its tag, or its name without registry,
 * folders or `latest`.
 */
export function isNamed(name: string, reference: string): boolean {
  const isEnd = (end: string) => name === end || name.endsWith(`/${end}`);
  return isEnd(reference) || isEnd(`${reference}:latest`) || name.endsWith(`:${reference}`);
}
