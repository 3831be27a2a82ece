// Opens a source at a path of this host; its contents decide what it is, not its name.

import { createHash } from "node:crypto";
import { ByteReader } from "../archive/byte_reader.ts";
import { packTar } from "../archive/pack_tar.ts";
import { readTar } from "../archive/read_tar.ts";
import { HEADER_BYTES, readDiskHeader } from "../disks/disk_header.ts";
import { requireGivenFile } from "../host/given_file.ts";
import { hashFile } from "../host/hash_file.ts";
import { messageOf } from "../model/errors.ts";
import { isArchive } from "./archive_magic.ts";
import { decompressed } from "./decompress.ts";
import { readSlice } from "./file_slice.ts";
import { foreignFact } from "./foreign_folder.ts";
import { type ImageArchive, openImageArchive } from "./image_archive.ts";
import { findImageForm } from "./image_form.ts";
import { mergeLayers } from "./merge_layers.ts";
import type { OciImage } from "./oci_image.ts";
import { type ImageChoice, imageFolder } from "./oci_layout.ts";
import { identityOf, NOTHING_TO_REMOVE, type RootSource } from "./root_source.ts";

const FORMS =
  "a folder, a tar (plain, gzip, xz, zstd), an OCI layout, what docker save, podman save and skopeo " +
  "write, or an image of ext4, squashfs or erofs";

/**
 * Opens the source at a path: a folder, a tar of a root, the image of a file system, or an OCI
 * image as a layout or archive.
 *
 * An incomplete image and the store of a container tool are refused, as they would be useless as a
 * root. Any other folder is packed with the owners of its files; a file that cannot be read is an
 * error, so that most roots can be packed only by root.
 *
 * @throws {Error} if there is nothing at the path, or something else; one line that names the path.
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
    throw new Error(`cannot make an image from ${JSON.stringify(path)}: ${fact}`, {
      cause: error,
    });
  }
}

/** Makes a source of an OCI image. @param owned disposed with the source */
export function imageSource(image: OciImage, owned: AsyncDisposable): RootSource {
  return {
    identity: identityOf("image", image.digest),
    config: image.config,
    root: { kind: "tar", open: () => mergeLayers(image.layers) },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

async function openFolder(folder: string): Promise<RootSource> {
  // The bytes of the tar have everything that matters about each file; without times, which do not.
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
  await requireGivenFile(path);
  const slice = { offset: 0, size: HEADER_BYTES };
  const start = await new Response(readSlice(path, slice)).bytes();
  if (isArchive(start)) return await openTar(path, enumParser);
  const { format, fileSystem, rootFact } = readDiskHeader(start);
  if (format === "qcow2") {
    throw new Error("it is a qcow2: convert it with qemu-img convert -O raw");
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
    // As a layer, so that missing folders, repeated names and any order are accepted.
    root: { kind: "tar", open: () => mergeLayers([layer], { markers: "keep" }) },
    ...NOTHING_TO_REMOVE,
  };
}

/** Opens the image in an archive, if there is one. */
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

/** Checks that a file decompresses to a tar with entries. @throws {Error} if not. */
async function requireEntry(path: string): Promise<void> {
  const bytes = new ByteReader(decompressed((await Deno.open(path)).readable));
  try {
    if ((await readTar(bytes).next()).done) throw new Error("it is empty");
  } finally {
    await bytes.cancel();
  }
}
