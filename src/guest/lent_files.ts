// Files of a run that its root is to have at fixed places: each is in memory and mounted over what is there,
// so that neither an image nor a root that is written to has to be.

import { bindMount, unmount } from "../libc/system.ts";

/** Where in a root they are. */
export const FILES_OF_RUN = ["/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf"] as const;

/** One of them. */
export type FileOfRun = typeof FILES_OF_RUN[number];

/** Where they are themselves. */
const FOLDER = "/run/execvm";

/** What had to be made in the root for them, in this order. */
const made: string[] = [];

/**
 * Has a text at the place of a file, or at that where its link leads. Only for who cannot have it there is
 * there none: a root may be odd in many ways, and most programs do without.
 */
export function lendFile(path: FileOfRun, text: string): void {
  try {
    writeLent(path, text);
    bindMount(sourceOf(path), placeOf(path));
  } catch {
    // as it is without
  }
}

/** Changes the text of one that has been lent. */
export function writeLent(path: FileOfRun, text: string): void {
  const source = sourceOf(path);
  Deno.mkdirSync(source.slice(0, source.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(source, text);
}

/** There is another root now, in which nothing has been made yet. */
export function forgetPlaces(): void {
  made.length = 0;
}

/** Removes again what was made in the root: files that nobody can have written to, and their folders. */
export function removePlaces(): void {
  for (const path of made.splice(0).reverse()) {
    try {
      if (Deno.lstatSync(path).isFile) unmount(path);
      Deno.removeSync(path);
    } catch {
      // it is used, or is no more
    }
  }
}

/** The text of a file of the root; none if it cannot be read. */
export function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function sourceOf(path: FileOfRun): string {
  return FOLDER + path;
}

/** The file to mount over; it is made if there is none. */
function placeOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    // In many images it is a link to what only their own init makes.
    const target = targetOf(path);
    makeFolders(target.slice(0, target.lastIndexOf("/")));
    Deno.writeTextFileSync(target, "", { createNew: true });
    made.push(target);
    return target;
  }
}

function makeFolders(folder: string): void {
  if (folder === "" || isThere(folder)) return;
  makeFolders(folder.slice(0, folder.lastIndexOf("/")));
  Deno.mkdirSync(folder);
  made.push(folder);
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** As the kernel has it (path_resolution(7)). */
const MAX_LINKS = 40;

/** Where a link leads at last, though nothing is there. @throws {Error} if that is nowhere, as in a circle. */
function targetOf(path: string, links = 0): string {
  const { folder, name } = split(path);
  const there = isThere(folder) ? Deno.realPathSync(folder) : folder;
  const own = `${there === "/" ? "" : there}/${name}`;
  let target: string;
  try {
    target = Deno.readLinkSync(own);
  } catch {
    return own;
  }
  if (links === MAX_LINKS) throw new Error(`${path} is in a circle of links`);
  return targetOf(normalize(target.startsWith("/") ? target : `${there}/${target}`), links + 1);
}

function split(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf("/");
  return { folder: path.slice(0, slash) || "/", name: path.slice(slash + 1) };
}

/** Without `.` and `..`. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
