// The root of the commands, when it is another than that of the initrd.

import { bindMount, changeRoot, mount, moveMount } from "../libc/system.ts";
import { setXattr } from "../libc/xattr.ts";
import { GUEST_FOLDER, ROOT_TYPES, type RootMount } from "../machine/protocol_words.ts";
import { FILES_OF_RUN } from "./lent_files.ts";

const NEW_ROOT = "/newroot";
const OVERLAY = "/overlay";

/** What is mounted already and goes along; of the new root's own, what stands there is hidden. */
const CARRIED = ["/proc", "/sys", "/dev", "/run"];
/** In memory too, unless there is a disk for what is written. */
const TMP = "/tmp";
const TMP_MODE = 0o1777;

/** Where code works, on a disk of its own. */
const WORKSPACE = "/workspace";

/**
 * Makes a file system on a device the root of this process and of all that it starts. Unless it is to
 * be written, it stays as it is: what is written goes to memory, or to the disk of a workspace.
 *
 * This process runs on: its program, libraries and ports are open or in memory, and a library that is
 * loaded is found by its name without a look at the disk.
 *
 * @throws {SystemError} if it cannot be mounted. @throws {Error} if it has a link where folders are.
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

/** Whether commands have another root than that of the initrd. */
export function hasRoot(): boolean {
  return isEntered;
}

/** Our own programs, for code in a root that has none for it; the root would hide them. */
function lendOurs(): void {
  Deno.mkdirSync(GUEST_FOLDER, { recursive: true });
  bindMount("/execvm", GUEST_FOLDER);
}

const LOWER = `${OVERLAY}/lower`;
/** Where what is written is. */
const UPPER = `${OVERLAY}/disk`;
/** What is to be there whatever the root has, below it: so that nothing has to be written to make it. */
const BOTTOM = `${OVERLAY}/bottom`;

/**
 * The kernel must not leave marks on the disk that only it can follow: whoever reads that looks for
 * whiteouts and opaque folders (Documentation/filesystems/overlayfs.rst).
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
 * The folders that programs write to are no mounts of their own but of the root: between two mounts there
 * are no renames and no links, be they of one file system. /tmp is a folder for everybody in any root; what
 * the root has in its /workspace is hidden.
 */
function makeWritten(): void {
  const [tmp, workspace] = [`${UPPER}/upper${TMP}`, `${UPPER}/upper${WORKSPACE}`];
  Deno.mkdirSync(tmp);
  Deno.chmodSync(tmp, TMP_MODE);
  Deno.mkdirSync(workspace, { mode: 0o755 });
  setXattr(workspace, "trusted.overlay.opaque", "y");
}

/** Mounts it as the first of the types that it turns out to be. */
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

/** A folder of the new root to mount on. */
function makeFolder(folder: string): string {
  const target = `${NEW_ROOT}${folder}`;
  Deno.mkdirSync(target, { recursive: true });
  // A link would lead out of the new root, into ours.
  if (Deno.lstatSync(target).isSymlink) {
    throw new Error(`Cannot use this root as its ${folder} is a link`);
  }
  return target;
}
