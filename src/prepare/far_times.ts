// Sets mtimes in a finished image that squashfs cannot hold or mke2fs writes wrongly.
//
// A root is packed as a squashfs first, whose times are u32. An ext4 holds 34 bits, from 1901 to
// 2446, of which mke2fs 1.47.0 writes the lower 32 (lib/ext2fs, misc/create_inode.c); an erofs
// holds 64.

import { openExt4 } from "../ext4/ext4.ts";
import { fileSource } from "../ext4/source.ts";
import type { ManifestEntry } from "../images/manifest.ts";
import { ErofsTimes } from "./erofs_times.ts";
import { editExt4, timeFields } from "./ext4_fields.ts";
import type { ImageFormat } from "./image_format.ts";

interface FarTime {
  readonly path: string;
  readonly mtime: number;
}

/** Entries of a manifest, as they are read. */
type Entries = AsyncIterable<ManifestEntry> | Iterable<ManifestEntry>;

/** How many times are set at once: a hostile root may have half a million. */
const BATCH = 10_000;

/**
 * Sets such mtimes.
 *
 * @param entries of the manifest
 * @param batch how many times to hold in memory
 * @throws {Error} if the image lacks one of its names.
 */
export async function setFarTimes(
  image: string,
  format: Exclude<ImageFormat, "squashfs">,
  entries: Entries,
  batch = BATCH,
): Promise<void> {
  for await (const far of batches(entries, batch)) {
    if (format === "ext4") await setExt4Times(image, far);
    else setErofsTimes(image, far);
  }
}

async function* batches(entries: Entries, size: number): AsyncGenerator<FarTime[]> {
  let batch: FarTime[] = [];
  for await (const { path, mtime } of entries) {
    if (mtime === undefined) continue;
    batch.push({ path, mtime });
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function setErofsTimes(image: string, far: readonly FarTime[]): void {
  using times = new ErofsTimes(image);
  for (const { path, mtime } of far) times.set(path, Math.floor(mtime));
}

/** Addresses inodes by number, so that no name has to be quoted. */
async function setExt4Times(image: string, far: readonly FarTime[]): Promise<void> {
  const inodes = ext4Inodes(image, far);
  await editExt4(image, inodes.flatMap((inode, index) => timeFields(inode, far[index]!.mtime)));
}

function ext4Inodes(image: string, far: readonly FarTime[]): number[] {
  using file = Deno.openSync(image);
  const disk = openExt4(fileSource(image, file));
  const folders = new Map<number, ReadonlyMap<string, number>>();
  const namesIn = (inode: number) => {
    const known = folders.get(inode);
    if (known !== undefined) return known;
    const entries = disk.entries(disk.inode(inode));
    const names = new Map(Array.from(entries, ({ name, inode }) => [name, inode]));
    folders.set(inode, names);
    return names;
  };
  return far.map(({ path }) => {
    let inode = disk.root().number;
    for (const part of path.split("/").filter((part) => part !== "")) {
      const found = namesIn(inode).get(part);
      if (found === undefined) {
        throw new Error(`cannot set the mtime of ${path}: it does not exist`);
      }
      inode = found;
    }
    return inode;
  });
}
