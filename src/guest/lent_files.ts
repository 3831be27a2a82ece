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

function targetOf(path: string): string {
  try {
    const target = Deno.readLinkSync(path);
    return new URL(target, `file://${path}`).pathname;
  } catch {
    return path;
  }
}
