// Bind-mounts files of a run, kept in memory, over fixed paths of its root, so that the root itself
// need not be changed.

import { bindMount, unmount } from "../libc/system.ts";

/** The paths in a root that can be mounted over. */
export const FILES_OF_RUN = ["/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf"] as const;

/** One of these paths. */
export type FileOfRun = typeof FILES_OF_RUN[number];

/** The folder of the files that are mounted. */
const FOLDER = "/run/execvm";

/** Files and folders that had to be made in the root to mount on, in this order. */
const made: string[] = [];

/**
 * Makes a file of the root have this text; a link is followed. Failure is ignored: a root may be
 * odd in many ways, and most programs do not need the file.
 */
export function lendFile(path: FileOfRun, text: string): void {
  try {
    writeLent(path, text);
    bindMount(sourceOf(path), placeOf(path));
  } catch {
    // the root keeps its own file
  }
}

/** Changes the text of a file that has been lent. */
export function writeLent(path: FileOfRun, text: string): void {
  const source = sourceOf(path);
  Deno.mkdirSync(source.slice(0, source.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(source, text);
}

/** Forgets the mount points that were made, as another root has been entered. */
export function forgetPlaces(): void {
  made.length = 0;
}

/**
 * Removes the mount points that were made in the root: files that cannot have been written to, and
 * their folders.
 */
export function removePlaces(): void {
  for (const path of made.splice(0).reverse()) {
    try {
      if (Deno.lstatSync(path).isFile) unmount(path);
      Deno.removeSync(path);
    } catch {
      // it is in use, or already gone
    }
  }
}

/** The text of a file of the root; empty if it cannot be read. */
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

/** The file to mount over, with links resolved; it is made if it does not exist. */
function placeOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    // In many images it is a link to a file that only their own init makes.
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

/** The kernel's limit (path_resolution(7)). */
const MAX_LINKS = 40;

/** The final target of a link, which need not exist. @throws {Error} if the links form a loop. */
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

/** Resolves `.` and `..` in an absolute path. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
