// A source on this machine: what is at a path tells what it is, not its name.

import { createHash } from "node:crypto";
import { ByteReader } from "../archive/byte_reader.ts";
import { packTar } from "../archive/pack_tar.ts";
import { readTar } from "../archive/read_tar.ts";
import { HEADER_BYTES, readDiskHeader } from "../disks/disk_header.ts";
import { hashFile } from "../host/hash_file.ts";
import { messageOf } from "../model/errors.ts";
import { compressionOf, decompressed } from "./decompress.ts";
import { readSlice } from "./file_slice.ts";
import { foreignFact } from "./foreign_folder.ts";
import { type ImageArchive, openImageArchive } from "./image_archive.ts";
import { findImageForm } from "./image_form.ts";
import { mergeLayers } from "./merge_layers.ts";
import type { OciImage } from "./oci_image.ts";
import { type ImageChoice, imageFolder } from "./oci_layout.ts";
import { identityOf, NOTHING_TO_REMOVE, type RootSource } from "./root_source.ts";

const FORMS =
  "a folder, a tar (as it is, gzip, xz, zstd), an OCI layout, what docker save, podman save and skopeo " +
  "write, or an image of ext4, squashfs or erofs";

/**
 * Opens what is at a path: a folder, a tar of a root, the image of a file system, or an OCI image as a
 * layout or archive.
 *
 * What holds an image in part, or is where container tools keep theirs, is refused: as a root it would be
 * of no use. Any other folder is packed with the owners it has. Whoever is not root can read and so pack but a part of
 * most roots: what cannot be read is an error.
 *
 * @throws {Error} if there is nothing, or nothing of these; one line that names the path.
 */
export async function openPathSource(path: string, enumParser: ImageChoice): Promise<RootSource> {
  try {
    const info = await Deno.stat(path);
    if (!info.isDirectory) return await openFile(path, enumParser);
    const files = imageFolder(path);
    const read = await findImageForm(files);
    if (read !== undefined) return imageSource(await read(files, enumParser), NOTHING_TO_REMOVE);
    const foreign = foreignFact(path);
    if (foreign !== undefined) throw new Error(foreign);
    return await openFolder(path);
  } catch (error) {
    const fact = error instanceof Deno.errors.NotFound && error.message.includes(`'${path}'`)
      ? "there is no such file or folder"
      : messageOf(error);
    throw new Error(`Cannot make an image from ${JSON.stringify(path)} as ${fact}`, {
      cause: error,
    });
  }
}

/** An OCI image, wherever it is. */
export function imageSource(image: OciImage, owned: AsyncDisposable): RootSource {
  return {
    identity: identityOf("image", image.digest),
    config: image.config,
    root: { kind: "tar", open: () => mergeLayers(image.layers) },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

async function openFolder(folder: string): Promise<RootSource> {
  // Its bytes have all that matters of each file, and no time.
  const hash = createHash("sha256");
  const options = { directory: folder, xattrs: true };
  for await (const chunk of packTar(["."], { ...options, mtime: 0 })) hash.update(chunk);
  return {
    identity: identityOf("folder", hash.digest("hex")),
    root: { kind: "tar", open: () => packTar(["."], options) },
    ...NOTHING_TO_REMOVE,
  };
}

async function openFile(path: string, enumParser: ImageChoice): Promise<RootSource> {
  const slice = { offset: 0, size: HEADER_BYTES };
  const start = await new Response(readSlice(path, slice)).bytes();
  // The magic number of ext4 has two bytes only: what is compressed may well have them there.
  if (compressionOf(start) !== "none" || isTar(start)) return await openTar(path, enumParser);
  const { format, fileSystem, rootFact } = readDiskHeader(start);
  if (format === "qcow2") {
    throw new Error("it is a qcow2: make it raw with qemu-img convert -O raw");
  }
  if (fileSystem === undefined) throw new Error(`it must be ${FORMS}`);
  if (rootFact !== undefined) throw new Error(rootFact);
  return {
    identity: identityOf("file", await hashFile(path)),
    root: { kind: "image", path: await Deno.realPath(path), fileSystem },
    ...NOTHING_TO_REMOVE,
  };
}

async function openTar(path: string, enumParser: ImageChoice): Promise<RootSource> {
  const image = await openArchive(await openImageArchive(path), enumParser);
  if (image !== undefined) return image;
  await requireEntry(path);
  const layer = {
    name: JSON.stringify(path),
    open: async () => decompressed((await Deno.open(path)).readable),
  };
  return {
    identity: identityOf("file", await hashFile(path)),
    // As a layer, so that folders it lacks, names that come twice, and any order are no matter.
    root: { kind: "tar", open: () => mergeLayers([layer], { markers: "keep" }) },
    ...NOTHING_TO_REMOVE,
  };
}

/** The image in an archive, if there is one. */
async function openArchive(
  archive: ImageArchive | undefined,
  enumParser: ImageChoice,
): Promise<RootSource | undefined> {
  if (archive === undefined) return undefined;
  try {
    const read = await findImageForm(archive);
    if (read !== undefined) return imageSource(await read(archive, enumParser), archive);
    await archive[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
}

/** The magic of POSIX and of GNU. A tar of before 1988 is taken for none. */
function isTar(start: Uint8Array): boolean {
  return String.fromCharCode(...start.subarray(257, 262)) === "ustar";
}

/** @throws {Error} if what is decompressed is no tar, or is empty. */
async function requireEntry(path: string): Promise<void> {
  const bytes = new ByteReader(decompressed((await Deno.open(path)).readable));
  try {
    if ((await readTar(bytes).next()).done) throw new Error("there is nothing in it");
  } finally {
    await bytes.cancel();
  }
}
