// The root of the commands, when it is another than that of the initrd.

import { changeRoot, mount, moveMount } from "../libc/system.ts";
import { ROOT_TYPES, type RootMount } from "../vm/protocol_words.ts";

const NEW_ROOT = "/newroot";
const OVERLAY = "/overlay";

/** What is mounted already and goes along; of the new root's own, what stands there is hidden. */
const CARRIED = ["/proc", "/sys", "/dev", "/run", "/tmp"];

/**
 * Makes a file system on a device the root of this process and of all that it starts. Unless it is to
 * be written, it stays as it is: what is written goes to memory.
 *
 * This process runs on: its program, libraries and ports are open or in memory, and a library that is
 * loaded is found by its name without a look at the disk.
 *
 * @throws {SystemError} if it cannot be mounted. @throws {Error} if it has a link where folders are.
 */
export function enterRoot({ device, type, write }: RootMount): void {
  Deno.mkdirSync(NEW_ROOT, { recursive: true });
  const types = type === "auto" ? ROOT_TYPES : [type];
  if (write) mountFirst(device, NEW_ROOT, types, { readOnly: false });
  else mountOverlay(device, types);
  for (const folder of CARRIED) carry(folder);
  changeRoot(NEW_ROOT);
}

function mountOverlay(device: string, types: readonly string[]): void {
  const [lower, upper, work] = ["lower", "upper", "work"].map((name) => `${OVERLAY}/${name}`);
  Deno.mkdirSync(OVERLAY, { recursive: true });
  mount({ source: "tmpfs", target: OVERLAY, type: "tmpfs", options: "mode=755" });
  for (const folder of [lower!, upper!, work!]) Deno.mkdirSync(folder, { mode: 0o755 });
  mountFirst(device, lower!, types, { readOnly: true });
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  mount({ source: "overlay", target: NEW_ROOT, type: "overlay", options });
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
  const target = `${NEW_ROOT}${folder}`;
  Deno.mkdirSync(target, { recursive: true });
  // A link would lead out of the new root, into ours.
  if (Deno.lstatSync(target).isSymlink) {
    throw new Error(`Cannot use this root as its ${folder} is a link`);
  }
  moveMount(folder, target);
}
