/**
 * Makes the private directory that an archive is unpacked into before it is moved to its target.
 */
import { look } from "./staged_tree.ts";

/**
 * Called with the path of a staging directory before that is made. The result is disposed once the
 * directory is gone; not if removing it fails, so that a later clean-up still knows the path.
 */
export type OnStaging = (path: string) => Disposable;

/** A staging directory. Its owner calls `remove`, even after renaming it away. */
export interface Staging {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Makes a directory of mode 0700 next to `target`, on the same file system for renames, named
 * `.NAME.execvm-XXXX`. If `target` is a mount point, or its parent is not writable, it is made
 * inside `target`.
 *
 * @param target an absolute path of a directory, which may not exist yet
 */
export function openStaging(target: string, onStaging: OnStaging): Staging {
  const slash = target.lastIndexOf("/");
  const parent = target.slice(0, slash) || "/";
  const name = `.${target.slice(slash + 1)}.execvm-${randomSuffix()}`;
  const existing = look(target);
  const isMountPoint = existing !== undefined && existing.dev !== Deno.statSync(parent).dev;
  if (!isMountPoint) {
    try {
      return makeStaging(`${parent === "/" ? "" : parent}/${name}`, onStaging);
    } catch (error) {
      if (existing === undefined || !(error instanceof Deno.errors.PermissionDenied)) throw error;
    }
  }
  return makeStaging(`${target}/${name}`, onStaging);
}

function makeStaging(path: string, onStaging: OnStaging): Staging {
  const registration = onStaging(path);
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    registration[Symbol.dispose]();
    throw error;
  }
  return {
    path,
    async remove() {
      await removeTree(path);
      registration[Symbol.dispose]();
    },
  };
}

async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    // Only root can empty a directory that the archive made read-only.
    openUp(path);
    await Deno.remove(path, { recursive: true });
  }
}

function openUp(path: string): void {
  Deno.chmodSync(path, 0o700);
  for (const entry of Deno.readDirSync(path)) {
    if (entry.isDirectory) openUp(`${path}/${entry.name}`);
  }
}

function randomSuffix(): string {
  return crypto.randomUUID().slice(0, 8);
}
