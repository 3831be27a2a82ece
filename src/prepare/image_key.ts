// What an image is called: the same inputs, the same name.

import { createHash } from "node:crypto";
import { packTar } from "../archive/pack_tar.ts";
import { HOST_PLATFORM } from "../images/platform.ts";
import { identityOf } from "../images/root_source.ts";
import { describeFiles } from "./given_files.ts";
import type { ImageFormat } from "./image_format.ts";
import type { PrepareOptions, PrepareSteps } from "./prepare_options.ts";

/** Version of how images are made. */
const FORMAT = 2;

/** The key of an image that the user has named. */
export function namedKey(cacheKey: string): string {
  return identityOf("cacheKey", cacheKey);
}

/** The key of an image in a format, by its key as a squashfs. */
export function formatKey(key: string, format: ImageFormat): string {
  return format === "squashfs" ? key : identityOf(format, key);
}

/** The key of a root as it is, of a source of that identity. */
export function sourceKey(identity: string, enumParser: unknown): string {
  return identityOf("source", JSON.stringify([FORMAT, identity, enumParser]));
}

/** The key of the image that steps make of another one. @throws {Error} if a file cannot be read. */
export async function stepsKey(base: string, steps: PrepareSteps): Promise<string> {
  const { packages, pip, files, run, network } = steps;
  const wheels = pip?.wheels === undefined ? undefined : await hashFolder(pip.wheels);
  const python = pip && [pip.requirements, pip.index, wheels];
  const facts = [FORMAT, base, packages, python, await describeFiles(files), run, network];
  return identityOf("steps", JSON.stringify(facts));
}

/** What else says which root a source is. */
export function choiceOf({ platform = HOST_PLATFORM, reference, debian }: PrepareOptions): unknown {
  return [platform, reference, debian];
}

async function hashFolder(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const same = { mtime: 0, owner: { uid: 0, gid: 0 } };
  for await (const chunk of packTar(["."], { directory: folder, ...same })) hash.update(chunk);
  return hash.digest("hex");
}
