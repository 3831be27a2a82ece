/** The private directory that an archive is unpacked in before it is moved to its place. */
import { look } from "./staged_tree.ts";

/**
 * Told the path of a staging directory before it is made; what it returns is disposed when the
 * directory is gone. If removing it fails, it is not: a later clean-up can still know the path.
 */
export type OnStaging = (path: string) => Disposable;

/** A staging directory; its owner calls `remove`, also after having renamed it away. */
export interface Staging {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Makes a directory of mode 0700 beside `target`, from where a rename reaches it: `.NAME.execvm-XXXX`.
 * When `target` is a mount point, or its parent is not writable, then it is made inside `target`.
 *
 * @param target an absolute path; a directory or nothing
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
    // Someone without rights over modes cannot empty a directory that the archive made read-only.
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
