// The root of the commands, when it is another than that of the initrd.

import { bindMount, changeRoot, mount, moveMount } from "../libc/system.ts";
import { GUEST_FOLDER, ROOT_TYPES, type RootMount } from "../machine/protocol_words.ts";

const NEW_ROOT = "/newroot";
const OVERLAY = "/overlay";

/** What is mounted already and goes along; of the new root's own, what stands there is hidden. */
const CARRIED = ["/proc", "/sys", "/dev", "/run"];
/** In memory too, unless there is a disk for what is written. */
const TMP = "/tmp";
const TMP_MODE = 0o1777;

/** A folder of its own on the disk of a workspace, at the same path in the root. */
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
  if (workspace === undefined) {
    carry(TMP);
  } else {
    bindMount(`${UPPER}${WORKSPACE}`, makeFolder(WORKSPACE));
    makeTmp();
  }
  changeRoot(NEW_ROOT);
}

/** Our own programs, for code in a root that has none for it; the root would hide them. */
function lendOurs(): void {
  Deno.mkdirSync(GUEST_FOLDER, { recursive: true });
  bindMount("/execvm", GUEST_FOLDER);
}

const LOWER = `${OVERLAY}/lower`;
/** Where what is written is. */
const UPPER = `${OVERLAY}/disk`;

/**
 * The kernel must not leave marks on the disk that only it can follow: whoever reads that looks for
 * whiteouts and opaque folders (Documentation/filesystems/overlayfs.rst).
 */
const PLAIN = "redirect_dir=off,metacopy=off,index=off";

function mountOverlay(device: string, types: readonly string[], workspace?: string): void {
  for (const folder of [LOWER, UPPER]) Deno.mkdirSync(folder, { recursive: true });
  if (workspace === undefined) {
    mount({ source: "tmpfs", target: UPPER, type: "tmpfs", options: "mode=755" });
    for (const name of ["upper", "work"]) Deno.mkdirSync(`${UPPER}/${name}`, { mode: 0o755 });
  } else {
    mount({ source: workspace, target: UPPER, type: "ext4", options: "noinit_itable" });
  }
  mountFirst(device, LOWER, types, { readOnly: true });
  const options = `lowerdir=${LOWER},upperdir=${UPPER}/upper,workdir=${UPPER}/work,${PLAIN}`;
  mount({ source: "overlay", target: NEW_ROOT, type: "overlay", options });
}

function makeTmp(): void {
  try {
    Deno.lstatSync(`${NEW_ROOT}${TMP}`);
  } catch {
    Deno.mkdirSync(`${NEW_ROOT}${TMP}`);
    Deno.chmodSync(`${NEW_ROOT}${TMP}`, TMP_MODE);
  }
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
