// Removes images from the cache by age and size.

import { lockFile } from "../host/file_lock.ts";
import { imagesDir, removeImage } from "./image_store.ts";
import { type ListedImage, listedImages } from "./list_images.ts";

/** Which images to remove. */
export interface PruneOptions {
  /** Images that were last used longer ago than this, in milliseconds. @default none */
  readonly olderThanMs?: number | undefined;
  /** Bytes that the rest may take; the least recently used are removed. @default any number */
  readonly maxBytes?: number | undefined;
  /** Whether images with a name are removed too. @default false */
  readonly all?: boolean;
  /** Whether to remove nothing. @default false */
  readonly dryRun?: boolean;
}

/** What has been removed, or would be. */
export interface Pruned {
  /** The least recently used first. */
  readonly pruned: readonly ListedImage[];
  /** Bytes of the images that are left. */
  readonly bytesLeft: number;
}

/** Removes images that no machine uses. @throws {Error} if one cannot be removed. */
export async function pruneImages(
  { olderThanMs = Infinity, maxBytes = Infinity, all = false, dryRun = false }: PruneOptions,
): Promise<Pruned> {
  const images = listedImages().sort((a, b) => a.usedMs - b.usedMs);
  const oldestMs = Date.now() - olderThanMs;
  const pruned: ListedImage[] = [];
  let bytesLeft = images.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const image of images) {
    if (image.usedMs >= oldestMs && bytesLeft <= maxBytes) continue;
    if (!all && image.names.length > 0) continue;
    if (!await removeUnused(image, dryRun)) continue;
    pruned.push(image);
    bytesLeft -= image.bytes;
  }
  return { pruned, bytesLeft };
}

/** Removes an image and returns true, unless a machine uses it. */
async function removeUnused({ key, path }: ListedImage, dryRun: boolean): Promise<boolean> {
  using file = await Deno.open(path).catch(() => undefined);
  if (file === undefined) return false; // another process has removed it
  if (!await file.tryLock(true)) return false; // `openRoot` has a shared lock
  if (dryRun) return true;
  using _making = await lockFile(`${imagesDir()}/.lock-${key}`);
  removeImage(key);
  return true;
}
