// Resolves a root as a user writes it: what has to be prepared first is prepared.

import { findCacheDir } from "../host/cache_dir.ts";
import { faultOf } from "../host/fault.ts";
import { isPlainRoot } from "../images/plain_root.ts";
import { HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { UsageError } from "../model/errors.ts";
import { tellDaily } from "../vm/notices.ts";
import { exists, nothing, SCHEME } from "./base_image.ts";
import { findByKey, findNamed } from "./choose_image.ts";
import type { Image } from "./image.ts";
import { findImage, imagesDir, markUsed } from "./image_store.ts";
import { prepareImage } from "./prepare_image.ts";
import type { PrepareOptions } from "./prepare_options.ts";
import { oldImageNotice } from "./refreshed.ts";
import { StepLines } from "./step_lines.ts";

/** How a root is resolved. */
export interface ResolveOptions extends Pick<PrepareOptions, "accel" | "onProgress"> {
  /** The architecture that its programs are for. @default the host's */
  readonly arch?: KernelArch | undefined;
  /** Whether the machine writes to it. @default false */
  readonly write?: boolean | undefined;
  /** Ends the preparation when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** The names of platforms, by architecture. */
const PLATFORMS: Readonly<Record<KernelArch, string>> = {
  x86_64: "linux/amd64",
  aarch64: "linux/arm64",
};

/**
 * Returns the path of a root: the image of a file system, or a folder that is packed for the run.
 *
 * @param root the name or key of an image, a path, or another source of `prepareImage`; an image
 * of that name comes before a path
 * @throws {UsageError} if a word is not the name or key of an image, nor a path.
 * @throws as `prepareImage` does.
 */
export async function resolveRoot(root: string, options: ResolveOptions = {}): Promise<string> {
  const image = findNamed(root);
  const path = image === undefined && !SCHEME.test(root) ? await plainPath(root) : undefined;
  if (options.write === true && (path === undefined || keyIn(path) !== undefined)) {
    throw new UsageError(
      `cannot write to the root ${JSON.stringify(root)}: images of the cache are read-only: ` +
        "copy its file, an ext4, and give the copy",
    );
  }
  if (path !== undefined) return path;
  const refusal = `cannot use ${JSON.stringify(root)} as the root`;
  return (image === undefined ? await find(root, options, refusal) : used(image)).path;
}

/** As {@linkcode resolveRoot}, but returns an image, as paths are prepared too. */
export async function resolveImage(root: string, options: ResolveOptions = {}): Promise<Image> {
  const image = findNamed(root);
  const refusal = `cannot take the image ${JSON.stringify(root)}`;
  return image === undefined ? await find(root, options, refusal) : used(image);
}

/**
 * Checks an image before it is resolved, without preparing anything.
 *
 * @throws {UsageError} if it can only be the name or key of an image, and there is none.
 */
export function checkImage(image: string): void {
  if (isSource(image) || findNamed(image) !== undefined || findByKey(image) !== undefined) return;
  throw new UsageError(`cannot take the image ${JSON.stringify(image)}: ${nothing(image)}`);
}

/**
 * Prepares a source, or finds an image by its key.
 *
 * @param refusal the start of the error if it is neither
 */
async function find(root: string, options: ResolveOptions, refusal: string): Promise<Image> {
  const { arch = HOST_ARCH, accel, signal } = options;
  if (!isSource(root)) {
    const image = findByKey(root);
    if (image !== undefined) return used(image);
    throw new UsageError(`${refusal}: ${nothing(root)}`);
  }
  if (root.startsWith("debian:") && arch !== HOST_ARCH) {
    throw new UsageError(
      `cannot use ${root} on ${arch}: mmdebstrap makes it for ${HOST_ARCH}: ` +
        "take an image of a registry, such as oci://debian",
    );
  }
  using lines = new StepLines(root);
  const image = await prepareImage({
    from: root,
    ...(arch !== HOST_ARCH && { platform: PLATFORMS[arch] }),
    ...(accel !== undefined && { accel }),
    ...(signal !== undefined && { signal }),
    onProgress: options.onProgress ?? lines.step,
  });
  const notice = oldImageNotice(root, image.createdMs);
  if (notice !== undefined) tellDaily(`old-${image.key}`, notice);
  return image;
}

/** Whether it is not a word that can only be the name or key of an image. */
function isSource(root: string): boolean {
  return SCHEME.test(root) || root === "" || /[/\0]/.test(root) || exists(root);
}

/** Notes the use of an image. */
function used(image: Image): Image {
  markUsed(image.key);
  return image;
}

/**
 * Returns the path if that can be attached as it is, or does not exist, which attaching it reports;
 * `undefined` if it has to be prepared, or is not a path.
 */
async function plainPath(path: string): Promise<string | undefined> {
  const key = keyIn(path);
  if (key !== undefined) return requireCached(key, path);
  if (path === "" || path.includes("\0")) return undefined;
  if (!exists(path)) return path.includes("/") ? path : undefined;
  try {
    return await isPlainRoot(path) ? path : undefined;
  } catch (error) {
    throw new Error(`cannot use ${path} as the root: ${faultOf(error)}`, { cause: error });
  }
}

/** Returns the path of an image in the cache. @throws {UsageError} if it is no longer there. */
function requireCached(key: string, path: string): string {
  const image = findImage(key);
  if (image?.path === path) return used(image).path;
  throw new UsageError(
    `cannot use the image ${key.slice(0, 12)} as the root: the cache no longer has it: ` +
      "prepare it again",
  );
}

/** Returns the key of an image, from the path of its root in the cache. */
function keyIn(path: string): string | undefined {
  const folder = findCacheDir() === undefined ? undefined : `${imagesDir()}/`;
  if (folder === undefined || !path.startsWith(folder)) return undefined;
  return /^([0-9a-f]{64})\/root\.\w+$/.exec(path.slice(folder.length))?.[1];
}
