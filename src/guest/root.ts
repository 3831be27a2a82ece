// Mounts and enters a root for the commands, in place of the initrd.

import { bindMount, changeRoot, mount, moveMount } from "../libc/system.ts";
import { setXattr } from "../libc/xattr.ts";
import { GUEST_FOLDER, ROOT_TYPES, type RootMount } from "../machine/protocol_words.ts";
import { FILES_OF_RUN } from "./lent_files.ts";

const NEW_ROOT = "/newroot";
const OVERLAY = "/overlay";

/** Mounts that move to the new root, where they hide its own folders. */
const CARRIED = ["/proc", "/sys", "/dev", "/run"];
/** Moves too, unless writes go to a disk. */
const TMP = "/tmp";
const TMP_MODE = 0o1777;

/** The working folder of code, on its own disk. */
const WORKSPACE = "/workspace";

/**
 * Makes the file system on a device the root of this process and of all that it starts. Unless
 * `write` is set, the device is not changed: writes go to memory, or to the disk of a workspace.
 *
 * This process keeps running: its program, libraries and ports are open or in memory, and a loaded
 * library is found by its name without reading the disk.
 *
 * @param workspace path of the device for writes
 * @throws {SystemError} if it cannot be mounted.
 * @throws {Error} if one of the folders to mount on is a link.
 */
export function enterRoot({ device, type, write }: RootMount, workspace?: string): void {
  Deno.mkdirSync(NEW_ROOT, { recursive: true });
  const types = type === "auto" ? ROOT_TYPES : [type];
  if (write) mountFirst(device, NEW_ROOT, types, { readOnly: false });
  else mountOverlay(device, types, workspace);
  if (workspace !== undefined) lendOurs();
  for (const folder of CARRIED) carry(folder);
  if (workspace === undefined) carry(TMP);
  changeRoot(NEW_ROOT);
  isEntered = true;
}

let isEntered = false;

/** Whether a root has been entered, so that commands do not run in the initrd. */
export function hasRoot(): boolean {
  return isEntered;
}

/** Mounts our programs where they stay visible, for code in a root that lacks an interpreter. */
function lendOurs(): void {
  Deno.mkdirSync(GUEST_FOLDER, { recursive: true });
  bindMount("/execvm", GUEST_FOLDER);
}

const LOWER = `${OVERLAY}/lower`;
/** The mount that takes the writes. */
const UPPER = `${OVERLAY}/disk`;
/**
 * The lowest layer, with the mount points that every root needs, so that they need not be written.
 */
const BOTTOM = `${OVERLAY}/bottom`;

/**
 * Keeps the kernel from writing redirects to the disk that only it can follow: the reader on the
 * host understands whiteouts and opaque folders (Documentation/filesystems/overlayfs.rst).
 */
const PLAIN = "redirect_dir=off,metacopy=off,index=off";

function mountOverlay(device: string, types: readonly string[], workspace?: string): void {
  for (const folder of [LOWER, UPPER, BOTTOM]) Deno.mkdirSync(folder, { recursive: true });
  makeBottom();
  if (workspace === undefined) {
    mount({ source: "tmpfs", target: UPPER, type: "tmpfs", options: "mode=755" });
    for (const name of ["upper", "work"]) Deno.mkdirSync(`${UPPER}/${name}`, { mode: 0o755 });
  } else {
    mount({ source: workspace, target: UPPER, type: "ext4", options: "noinit_itable" });
    makeWritten();
  }
  mountFirst(device, LOWER, types, { readOnly: true });
  const lower = `${LOWER}:${BOTTOM}`;
  const options = `lowerdir=${lower},upperdir=${UPPER}/upper,workdir=${UPPER}/work,${PLAIN}`;
  mount({ source: "overlay", target: NEW_ROOT, type: "overlay", options });
}

function makeBottom(): void {
  mount({ source: "tmpfs", target: BOTTOM, type: "tmpfs", options: "mode=755" });
  for (const folder of [...CARRIED, TMP]) Deno.mkdirSync(BOTTOM + folder);
  for (const path of FILES_OF_RUN) {
    Deno.mkdirSync(BOTTOM + path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(BOTTOM + path, "");
  }
}

/**
 * Makes the folders that programs write to part of the root's mount, as renames and links do not
 * work between two mounts, even of one file system. /tmp is writable for everyone in any root; the
 * root's own /workspace is hidden.
 */
function makeWritten(): void {
  const [tmp, workspace] = [`${UPPER}/upper${TMP}`, `${UPPER}/upper${WORKSPACE}`];
  Deno.mkdirSync(tmp);
  Deno.chmodSync(tmp, TMP_MODE);
  Deno.mkdirSync(workspace, { mode: 0o755 });
  setXattr(workspace, "trusted.overlay.opaque", "y");
}

/** Mounts with the first of the types that works. @throws {SystemError} if none does. */
function mountFirst(
  source: string,
  target: string,
  types: readonly string[],
  { readOnly }: { readonly readOnly: boolean },
): void {
  for (const [index, type] of types.entries()) {
    try {
      return mount({ source, target, type, readOnly });
    } catch (error) {
      if (index === types.length - 1) throw error;
    }
  }
}

function carry(folder: string): void {
  moveMount(folder, makeFolder(folder));
}

/** Makes a folder of the new root to mount on, and returns its path. */
function makeFolder(folder: string): string {
  const target = `${NEW_ROOT}${folder}`;
  Deno.mkdirSync(target, { recursive: true });
  // A link would lead out of the new root into the current one.
  if (Deno.lstatSync(target).isSymlink) {
    throw new Error(`cannot use this root: its ${folder} is a link`);
  }
  return target;
}
