// Writes files that appear complete or not at all.

import { whereFull } from "./fault.ts";
import { killWithUs } from "./watchdog.ts";

/**
 * Lets `write` write a file under a temporary name next to `path`, then renames it to `path`. The
 * last of several concurrent calls wins. An unfinished file is removed, even if this process is
 * killed.
 *
 * @throws {Error} if `path` is a folder, a device or anything else but a file, which is not
 * replaced
 * @throws whatever `write` throws; an error of a full disk with the path
 */
export async function writeAside(
  path: string,
  write: (aside: string) => Promise<void>,
): Promise<void> {
  const present = await Deno.stat(path).catch(() => undefined);
  if (present !== undefined && !present.isFile) {
    throw new Error(`cannot write ${JSON.stringify(path)}: it exists and is not a file`);
  }
  const slash = path.lastIndexOf("/");
  if (slash > 0) await Deno.mkdir(path.slice(0, slash), { recursive: true });
  const aside = `${path.slice(0, slash + 1)}.${crypto.randomUUID()}.part`;
  using _cleanup = killWithUs({ path: aside });
  try {
    await write(aside);
    await Deno.rename(aside, path);
  } catch (error) {
    await Deno.remove(aside).catch(() => {}); // it may not exist yet
    throw whereFull(error, JSON.stringify(path));
  }
}

/**
 * Replaces a small text file by a rename, so that concurrent readers see the old or the new text.
 *
 * @throws {Deno.errors} if it cannot be written.
 */
export function replaceFile(path: string, text: string): void {
  const aside = `${path}.${crypto.randomUUID()}`;
  try {
    Deno.writeTextFileSync(aside, text);
    Deno.renameSync(aside, path);
  } catch (error) {
    try {
      Deno.removeSync(aside);
    } catch {
      // it may not exist yet
    }
    throw error;
  }
}
