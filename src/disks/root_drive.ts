// Opens the root that a user gives to a machine: an image, or a folder that is packed into one.

import { runTool } from "../host/run_tool.ts";
import { makeTempFolder } from "../host/temp_folder.ts";
import { MachineError } from "../machine/machine_error.ts";
import { ROOT_NAME, ROOT_TYPES, type RootMount } from "../machine/protocol_words.ts";
import { messageOf } from "../model/errors.ts";
import { inspectDrive } from "./disk_file.ts";
import type { Drive } from "./drives.ts";
import { holdImage } from "./held_image.ts";

/** A root to attach. Disposing it removes the image that was made for it, if any. */
export interface RootDrive extends AsyncDisposable {
  readonly drive: Drive;
  readonly mount: RootMount;
}

/**
 * Returns the argv that packs `folder` into `image`; uncompressed, as it is read once and removed.
 */
type Packer = (folder: string, image: string) => readonly [string, ...string[]];

/** The supported packers, the preferred one first. */
const PACKERS: readonly Packer[] = [
  (folder, image) => [
    ...["mksquashfs", folder, image, "-noappend", "-no-progress", "-quiet"] as const,
    ...["-noI", "-noD", "-noF", "-noX", "-no-exports"],
  ],
  (folder, image) => ["mkfs.erofs", image, folder],
];

/**
 * Opens an image, or packs a folder into one for this run.
 *
 * @param write whether writes of the guest go to the image; not possible for a folder
 * @throws {MachineError} if it does not exist or cannot be a root.
 */
export async function openRoot(
  path: string,
  { write }: { readonly write: boolean },
): Promise<RootDrive> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info === undefined) throw refuse(path, "there is no such file or folder");
  if (!info.isDirectory) return await openHeld(path, write);
  if (write) throw refuse(path, "writes to a folder would be lost: use an image");
  const packed = await packFolder(path);
  try {
    const root = await openImage(packed.path, false);
    return { ...root, [Symbol.asyncDispose]: () => packed[Symbol.asyncDispose]() };
  } catch (error) {
    await packed[Symbol.asyncDispose]();
    throw error;
  }
}

async function openHeld(path: string, write: boolean): Promise<RootDrive> {
  const held = await holdImage(path);
  try {
    const root = await openImage(path, write);
    return { ...root, [Symbol.asyncDispose]: () => Promise.resolve(held[Symbol.dispose]()) };
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

async function openImage(
  file: string,
  write: boolean,
): Promise<{ drive: Drive; mount: RootMount }> {
  const { drive, header } = await inspectDrive({ file, name: ROOT_NAME, media: "disk", write });
  const { format, fileSystem, rootFact } = header;
  if (format === "raw" && fileSystem === undefined) {
    throw refuse(file, `its file system is not one of ${ROOT_TYPES.join(", ")}`);
  }
  if (write && fileSystem !== undefined && fileSystem !== "ext4") {
    throw refuse(file, `${fileSystem} is read-only`);
  }
  if (!write && rootFact !== undefined) throw refuse(file, rootFact);
  // The file system in a qcow2 is only visible to the guest.
  return { drive, mount: { device: `/dev/${ROOT_NAME}`, type: fileSystem ?? "auto", write } };
}

async function packFolder(folder: string): Promise<{ path: string } & AsyncDisposable> {
  const { path: aside, cleanup } = makeTempFolder({ prefix: "execvm-root-" });
  const remove = async () => {
    await Deno.remove(aside, { recursive: true });
    cleanup[Symbol.dispose]();
  };
  const path = `${aside}/root.img`;
  try {
    await pack(await Deno.realPath(folder), path);
    return { path, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function pack(folder: string, image: string): Promise<void> {
  for (const packer of PACKERS) {
    try {
      await runTool(packer(folder, image));
      return;
    } catch (error) {
      const isMissing = error instanceof Error && error.cause instanceof Deno.errors.NotFound;
      if (!isMissing) throw refuse(folder, `it cannot be packed: ${messageOf(error)}`, error);
    }
  }
  throw refuse(folder, "there is neither mksquashfs nor mkfs.erofs: install squashfs-tools");
}

function refuse(path: string, fact: string, cause?: unknown): MachineError {
  return new MachineError(`cannot use ${path} as the root: ${fact}`, "start", [], "", cause);
}
