// Makes an image in the cache: fetches a root and changes it by steps in a machine.

import { lockFile } from "../host/file_lock.ts";
import { scratchFolder } from "../host/scratch_folder.ts";
import { killWithUs } from "../host/watchdog.ts";
import { manifestPath } from "../images/manifest.ts";
import { openSource } from "../images/open_source.ts";
import { packRoot } from "../images/pack_root.ts";
import {
  identityOf,
  NOTHING_TO_REMOVE,
  type RootSource,
  type SourceOptions,
} from "../images/root_source.ts";
import { MachineError } from "../machine/machine_error.ts";
import { RunnerError } from "../model/errors.ts";
import { pickGiven } from "../model/pick_given.ts";
import { baseImage } from "./base_image.ts";
import { BuildMachine, type BuildSpec } from "./build_machine.ts";
import { findNamed } from "./choose_image.ts";
import { convertImage } from "./convert_image.ts";
import type { Image } from "./image.ts";
import type { ImageFormat } from "./image_format.ts";
import { choiceOf, formatKey, namedKey, sourceKey, stepsKey } from "./image_key.ts";
import { nameImage } from "./image_names.ts";
import {
  findImage,
  type ImageFacts,
  imagesDir,
  markUsed,
  publishImage,
  rootPath,
} from "./image_store.ts";
import { currentKey, freshKey, putInPlace } from "./refreshed.ts";
import { knownSource } from "./known_source.ts";
import { isUntouched, type PrepareOptions, type PrepareSteps, toSteps } from "./prepare_options.ts";
import { runSteps } from "./run_steps.ts";

/** Milliseconds after which the waiting for another preparation is reported. */
const WAIT_MS = 1000;

/** Returns the image, which is made unless the cache has it. @throws as `prepareImage` does. */
export async function ensureImage(options: PrepareOptions): Promise<Image> {
  const steps = toSteps(options);
  const { cacheKey, name = cacheKey } = options;
  try {
    const image = cacheKey === undefined
      ? await prepare(options, steps)
      : await prepareNamed(cacheKey, options, steps);
    if (name !== undefined && findNamed(name)?.key !== image.key) nameImage(name, image.key);
    markUsed(image.key);
    return image;
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    const { phase, argv, consoleTail } = error;
    throw new RunnerError(error.message, { runner: "vm", phase, argv, consoleTail, cause: error });
  }
}

/** Returns the image that has the name of a `cacheKey`, whatever its inputs. */
async function prepareNamed(
  cacheKey: string,
  options: PrepareOptions,
  steps: PrepareSteps,
): Promise<Image> {
  const named = findNamed(cacheKey);
  const { refresh = false } = options;
  if (!refresh && named?.format === formatOf(options)) return named;
  const plain = formatKey(namedKey(cacheKey), formatOf(options));
  const key = refresh ? freshKey(plain) : plain;
  return findImage(key) ?? await make(key, options, async (folder) => {
    const base = baseImage(options.from);
    await using source = base === undefined
      ? await openSource(options.from, sourceOptions(options))
      : sourceOf(base);
    const root = rootKey(source.identity, options);
    const now = refresh && base === undefined ? freshKey(root) : currentKey(root);
    const facts = await buildFrom({ ...source, key: now }, folder, options, steps);
    if (now !== currentKey(root) && !isUntouched(steps)) putInPlace(now, root);
    return { ...facts, cacheKey };
  });
}

/** Returns the image for its inputs. */
async function prepare(options: PrepareOptions, steps: PrepareSteps): Promise<Image> {
  const { from } = options;
  const base = baseImage(from);
  if (base !== undefined) return await prepareFrom(base, options, steps);
  const known = await knownSource(from, choiceOf(options));
  if (known.identity !== undefined && options.refresh !== true) {
    const key = await keyOf(currentKey(rootKey(known.identity, options)), options, steps);
    const found = findImage(key);
    if (found !== undefined) return found;
  }
  await using source = await openSource(from, sourceOptions(options));
  await known.remember(source.identity);
  const plain = rootKey(source.identity, options);
  const key = options.refresh === true ? freshKey(plain) : currentKey(plain);
  const image = await ensure(await keyOf(key, options, steps), { ...source, key }, options, steps);
  if (options.refresh === true) putInPlace(key, plain);
  return image;
}

/** Returns the image for steps that start from another. */
async function prepareFrom(
  base: Image,
  options: PrepareOptions,
  steps: PrepareSteps,
): Promise<Image> {
  const { from, refresh = false } = options;
  if (isUntouched(steps) && refresh) {
    throw new TypeError(
      `cannot make the image ${JSON.stringify(from)} again: it is the source itself: ` +
        "prepare it from what it was made from, with the same options",
    );
  }
  if (isUntouched(steps) && base.format === formatOf(options)) return base;
  const source = sourceOf(base);
  const root = { ...source, key: rootKey(source.identity, options) };
  const plain = await keyOf(root.key, options, steps);
  const key = refresh ? freshKey(plain) : currentKey(plain);
  const image = await ensure(key, root, options, steps);
  if (refresh) putInPlace(key, plain);
  return image;
}

/** Returns the image of a key, which is made from a source unless the cache has it. */
async function ensure(
  key: string,
  source: PackageSource,
  options: PrepareOptions,
  steps: PrepareSteps,
): Promise<Image> {
  return findImage(key) ??
    await make(key, options, (folder) => buildFrom(source, folder, options, steps));
}

/** A source, with the packages that are in it. */
interface PackageSource extends RootSource {
  /** The key of its unchanged root as an image. */
  readonly key: string;
  readonly packages?: readonly string[] | undefined;
  readonly pip?: readonly string[] | undefined;
}

/** Returns an image as a source. */
function sourceOf(
  { key, path, format, config, packages, pip }: Image,
): Omit<PackageSource, "key"> {
  return {
    identity: identityOf("prepared", key),
    ...(config !== undefined && { config }),
    root: { kind: "image", path, fileSystem: format },
    packages,
    pip,
    ...NOTHING_TO_REMOVE,
  };
}

/** Returns the key of the unchanged root of a source that was never refreshed. */
function rootKey(identity: string, options: PrepareOptions): string {
  return sourceKey(identity, choiceOf(options));
}

/** @param base the key of the unchanged root */
async function keyOf(
  base: string,
  options: PrepareOptions,
  steps: PrepareSteps,
): Promise<string> {
  const key = isUntouched(steps) ? base : await stepsKey(base, steps);
  return formatKey(key, formatOf(options));
}

function formatOf({ format = "squashfs" }: PrepareOptions): ImageFormat {
  return format;
}

/**
 * Makes an image in a temporary folder. One process at a time does so, and the next one finds the
 * result.
 */
async function make(
  key: string,
  options: PrepareOptions,
  write: (folder: string) => Promise<Facts>,
): Promise<Image> {
  await Deno.mkdir(imagesDir(), { recursive: true });
  using _lock = await lockForKey(key, options);
  const made = findImage(key); // made by the previous holder of the lock
  if (made !== undefined) return made;
  const folder = `${imagesDir()}/.new-${crypto.randomUUID()}`;
  using _cleanup = killWithUs({ path: folder });
  await Deno.mkdir(folder);
  try {
    const facts = await write(folder);
    await convert(folder, options);
    return publishImage(key, folder, { from: options.from, format: formatOf(options), ...facts });
  } catch (error) {
    await Deno.remove(folder, { recursive: true }).catch(() => {}); // it may already be published
    throw error;
  }
}

type Facts = Omit<ImageFacts, "from" | "format">;

/** Waits for the lock of an image, and reports the waiting if it takes a while. */
async function lockForKey(
  key: string,
  { onProgress, signal }: PrepareOptions,
): Promise<Disposable> {
  const tell = () => onProgress?.("waiting for another process that prepares the same image");
  const timer = setTimeout(tell, WAIT_MS);
  try {
    return await lockFile(`${imagesDir()}/.lock-${key}`, signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Converts the squashfs in a folder, if another format is requested. */
async function convert(folder: string, options: PrepareOptions): Promise<void> {
  const format = formatOf(options);
  if (format === "squashfs") return;
  options.onProgress?.(`making an ${format}`);
  const squashfs = rootPath(folder, "squashfs");
  await convertImage(squashfs, rootPath(folder, format), { ...options, format });
  for (const path of [squashfs, manifestPath(squashfs)]) await Deno.remove(path);
}

/** Writes the root of a source into a folder, as a squashfs. */
async function buildFrom(
  source: PackageSource,
  folder: string,
  options: PrepareOptions,
  steps: PrepareSteps,
): Promise<Facts> {
  const { root, config } = source;
  const about = { ...(config !== undefined && { config }), ...packagesOf(source, options, steps) };
  if (root.kind === "tar" && isUntouched(steps)) {
    const { entries } = await pack(() => root.open(), folder, options);
    return { ...about, entries };
  }
  const base = root.kind === "image" ? root.path : (await baseOf(source, options)).path;
  await using scratch = await scratchFolder();
  const env = config?.env ?? {};
  const spec = { ...options, base, folder: scratch.path, env, network: steps.network };
  const { entries } = await buildIn(spec, folder, options, steps);
  return { ...about, entries };
}

/** Returns the packages to record for an image. */
function packagesOf(
  source: PackageSource,
  { debian }: PrepareOptions,
  steps: PrepareSteps,
): Pick<ImageFacts, "packages" | "pip"> {
  const packages = [...source.packages ?? [], ...debian?.include ?? [], ...steps.packages];
  const pip = [...source.pip ?? [], ...steps.pip?.requirements ?? []];
  return { ...(packages.length > 0 && { packages }), ...(pip.length > 0 && { pip }) };
}

/** Returns the unchanged root, which is an image as well: other steps may start from it. */
async function baseOf(source: PackageSource, options: PrepareOptions): Promise<Image> {
  const none = toSteps({ from: options.from });
  return await ensure(source.key, source, { ...options, format: "squashfs" }, none);
}

async function buildIn(
  spec: BuildSpec,
  folder: string,
  options: PrepareOptions,
  steps: PrepareSteps,
): Promise<{ entries: number }> {
  const { onProgress = () => {} } = options;
  onProgress("booting a machine");
  await using machine = await BuildMachine.boot(spec);
  await runSteps(machine, steps, onProgress);
  const tar = await machine.pack();
  return await pack(() => tar, folder, options);
}

async function pack(
  open: () => ReadableStream<Uint8Array>,
  folder: string,
  { onProgress = () => {}, signal }: PrepareOptions,
): Promise<{ entries: number }> {
  onProgress("packing the image");
  return await packRoot(open(), rootPath(folder, "squashfs"), {
    onProgress: ({ entries }) => onProgress("packing the image", entries),
    signal,
  });
}

/** The options that are passed to its source unchanged; `onProgress` has another form there. */
const OF_SOURCE = {
  platform: true,
  reference: true,
  docker: true,
  debian: true,
  registry: true,
  signal: true,
} as const satisfies Record<
  Exclude<keyof PrepareOptions & keyof SourceOptions, "onProgress">,
  true
>;

function sourceOptions(options: PrepareOptions): SourceOptions {
  const { onProgress } = options;
  return {
    ...pickGiven(options, OF_SOURCE),
    ...(onProgress && { onProgress: ({ what }) => onProgress(stepOf(what)) }),
  };
}

/** Returns what is fetched as a step: a layer by the start of its digest. */
function stepOf(what: string): string {
  return what.startsWith("sha256:") ? `pulling ${what.slice(0, "sha256:".length + 12)}` : what;
}
