// The files that a runner copies to where a command runs and back: their options, checked. Pure.

import type { Json } from "./nodes.ts";
import { requireCount } from "./require_count.ts";

/** A file or folder of this machine, by its path, or the content of a file. */
export type CopiedFile = string | Uint8Array | { readonly base64: string };

/** What is copied for each command of a runner. */
export interface CopyOptions {
  /**
   * Files and folders that each command finds, by their paths where it runs: paths on this machine,
   * whose modes and times are kept, or the contents of files. They are copied before the command
   * starts; what they replace is overwritten.
   */
  readonly files?: Readonly<Record<string, CopiedFile>>;
  /**
   * Files and folders to copy back once the command has succeeded, by their paths where it runs,
   * each with its path on this machine. They appear there when the whole pipeline has succeeded: a
   * file replaces a file, and a folder is merged into a folder.
   */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Whether to copy outputs back also after a failure, as far as they exist. @default false */
  readonly outputsAlways?: boolean;
  /**
   * The most bytes of disk that the outputs of a command may take on this machine, all together, in
   * blocks of 4 KiB and without holes. Outputs that take more are an error, and none is written.
   *
   * @default 4 GiB
   */
  readonly maxOutputsBytes?: number;
}

/** The default of `maxOutputsBytes`. */
export const MAX_OUTPUTS_BYTES: number = 4 * 2 ** 30;

/** The names of these options. */
export const COPY_OPTION_NAMES: readonly (keyof CopyOptions)[] = [
  "files",
  "outputs",
  "outputsAlways",
  "maxOutputsBytes",
];

/** Returns these options, or `undefined` if nothing is to be copied. */
export function copiesIn(options: CopyOptions): CopyOptions | undefined {
  const { files = {}, outputs = {}, outputsAlways = false, maxOutputsBytes } = options;
  const count = Object.keys(files).length + Object.keys(outputs).length;
  if (count === 0) return undefined;
  const limit = maxOutputsBytes === undefined ? {} : { maxOutputsBytes };
  return { files, outputs, outputsAlways, ...limit };
}

/** Returns the options with contents in base64, so that they are JSON. */
export function copiesAsJson<Options extends CopyOptions>(
  { files, ...others }: Options,
): Omit<Options, "files"> & { readonly files?: { readonly [path: string]: Json } } {
  if (files === undefined) return others;
  const given = Object.entries(files).map(([path, file]): [string, Json] => [
    path,
    file instanceof Uint8Array ? { base64: file.toBase64() } : file as Json,
  ]);
  return { ...others, files: Object.fromEntries(given) };
}

/**
 * Returns whether a path where a command runs is relative, to a folder of the run.
 *
 * @param path as {@linkcode placeOf} returns it
 */
export function isRelative(path: string): boolean {
  return !path.startsWith("/");
}

/** Returns a path where a command runs without empty parts and `.`; "." for the folder itself. */
export function placeOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return path.startsWith("/") ? `/${parts.join("/")}` : parts.join("/") || ".";
}

/**
 * Checks the form of the options.
 *
 * @param paths the paths that commands of the runner can have
 * @throws {TypeError} if one is invalid, or if two files or two outputs are the same or one is in
 * the other.
 * @throws {RangeError} if `maxOutputsBytes` is out of range.
 */
export function checkCopies(options: CopyOptions, paths: "absolute" | "any"): void {
  // From JSON or JavaScript they may be anything.
  const { files, outputs, outputsAlways, maxOutputsBytes }: {
    readonly [key in keyof CopyOptions]: unknown;
  } = options;
  requireCount("copy outputs out", { maxOutputsBytes });
  if (outputsAlways !== undefined && typeof outputsAlways !== "boolean") {
    throw new TypeError("cannot copy outputs always: outputsAlways must be true or false");
  }
  for (const [path, file] of entriesOf(files, "files in")) {
    checkPlace(path, paths, `cannot copy a file to ${JSON.stringify(path)}`);
    checkContent(path, file);
  }
  for (const [path, target] of entriesOf(outputs, "outputs out")) {
    const what = `cannot copy ${JSON.stringify(path)} out`;
    checkPlace(path, paths, what);
    if (typeof target === "string" && target !== "" && !target.includes("\0")) continue;
    throw new TypeError(`${what}: ${JSON.stringify(target) ?? target} is not a path`);
  }
  checkApart(Object.keys(Object(files)), "files to");
  checkApart(Object.keys(Object(outputs)), "outputs of");
}

function entriesOf(given: unknown, what: string): [string, unknown][] {
  if (given === undefined) return [];
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    return Object.entries(given);
  }
  throw new TypeError(`cannot copy ${what}: they must be an object with paths as keys`);
}

function checkPlace(path: string, paths: "absolute" | "any", what: string): void {
  if (path === "" || path.includes("\0")) throw new TypeError(`${what}: that is not a path`);
  if (path.split("/").includes("..")) throw new TypeError(`${what}: the path contains ".."`);
  if (placeOf(path) === "/") {
    throw new TypeError(`${what}: that is the whole root: name what is in it`);
  }
  if (paths === "absolute" && isRelative(path)) {
    throw new TypeError(`${what}: give an absolute path`);
  }
}

function checkContent(path: string, file: unknown): void {
  const what = `cannot copy a file to ${JSON.stringify(path)}`;
  if (file instanceof Uint8Array) return;
  if (typeof file === "string") {
    if (file !== "" && !file.includes("\0")) return;
    throw new TypeError(`${what}: ${JSON.stringify(file)} is not a path`);
  }
  const { base64, ...others } = Object(file) as { readonly base64?: unknown };
  if (typeof base64 !== "string" || Object.keys(others).length > 0) {
    throw new TypeError(`${what}: give a path, a Uint8Array, or { base64 }`);
  }
  try {
    Uint8Array.fromBase64(base64);
  } catch {
    throw new TypeError(`${what}: its content is not base64`);
  }
}

/** @throws {TypeError} if two paths are the same, or one is in the other. */
function checkApart(paths: readonly string[], what: string): void {
  const sorted = paths.map((path) => ({ path, place: placeOf(path) }));
  for (const [index, outer] of sorted.entries()) {
    for (const [other, inner] of sorted.entries()) {
      if (index === other || !isWithin(inner.place, outer.place)) continue;
      throw new TypeError(
        `cannot copy ${what} both ${JSON.stringify(outer.path)} and ` +
          `${JSON.stringify(inner.path)}: one is in the other`,
      );
    }
  }
}

/** Returns whether a path is another one or in it. */
export function isWithin(path: string, folder: string): boolean {
  if (path === folder || folder === "/" && path.startsWith("/")) return true;
  return folder === "." ? isRelative(path) : path.startsWith(`${folder}/`);
}
