// Computes the keys of images: equal inputs give equal keys.

import { createHash } from "node:crypto";
import { packTar } from "../archive/pack_tar.ts";
import { HOST_PLATFORM } from "../images/platform.ts";
import { identityOf } from "../images/root_source.ts";
import { describeFiles } from "./given_files.ts";
import type { ImageFormat } from "./image_format.ts";
import type { PrepareOptions, PrepareSteps } from "./prepare_options.ts";

/** The version of the procedure; a new one invalidates old keys. */
const FORMAT = 2;

/** Returns the key of an image with a name. */
export function namedKey(cacheKey: string): string {
  return identityOf("cacheKey", cacheKey);
}

/** Returns the key of an image in a format, from its key as a squashfs. */
export function formatKey(key: string, format: ImageFormat): string {
  return format === "squashfs" ? key : identityOf(format, key);
}

/** Returns the key of an unchanged root, from the identity of its source. */
export function sourceKey(identity: string, enumParser: unknown): string {
  return identityOf("source", JSON.stringify([FORMAT, identity, enumParser]));
}

/**
 * Returns the key of an image that steps make from another.
 *
 * @throws {Error} if a file cannot be read.
 */
export async function stepsKey(base: string, steps: PrepareSteps): Promise<string> {
  const { packages, pip, files, run, network } = steps;
  const wheels = pip?.wheels === undefined ? undefined : await hashFolder(pip.wheels);
  const python = pip && [pip.requirements, pip.index, wheels];
  const facts = [FORMAT, base, packages, python, await describeFiles(files), run, network];
  return identityOf("steps", JSON.stringify(facts));
}

/** Returns the options that also determine the root of a source. */
export function choiceOf({ platform = HOST_PLATFORM, reference, debian }: PrepareOptions): unknown {
  return [platform, reference, debian];
}

async function hashFolder(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const same = { mtime: 0, owner: { uid: 0, gid: 0 } };
  for await (const chunk of packTar(["."], { directory: folder, ...same })) hash.update(chunk);
  return hash.digest("hex");
}
