// A file that appears whole or not at all.

import { whereFull } from "./fault.ts";
import { killWithUs } from "./watchdog.ts";

/**
 * Has `write` write a file under a name of its own beside `path`, then renames it to `path`. When two do
 * so at once, the last one stays. What is not finished is removed, even if this process is killed.
 *
 * @throws {Error} if there is a folder, a device or the like: it is not replaced.
 */
export async function writeAside(
  path: string,
  write: (aside: string) => Promise<void>,
): Promise<void> {
  const present = await Deno.stat(path).catch(() => undefined);
  if (present !== undefined && !present.isFile) {
    throw new Error(`Cannot write ${JSON.stringify(path)} as it is there, and is no file`);
  }
  const slash = path.lastIndexOf("/");
  if (slash > 0) await Deno.mkdir(path.slice(0, slash), { recursive: true });
  const aside = `${path.slice(0, slash + 1)}.${crypto.randomUUID()}.part`;
  using _cleanup = killWithUs({ path: aside });
  try {
    await write(aside);
    await Deno.rename(aside, path);
  } catch (error) {
    await Deno.remove(aside).catch(() => {}); // it need not have come to that
    throw whereFull(error, JSON.stringify(path));
  }
}

/** Writes a small text aside, and renames it to `path`: others read it meanwhile. @throws {Deno.errors} */
export function replaceFile(path: string, text: string): void {
  const aside = `${path}.${crypto.randomUUID()}`;
  try {
    Deno.writeTextFileSync(aside, text);
    Deno.renameSync(aside, path);
  } catch (error) {
    try {
      Deno.removeSync(aside);
    } catch {
      // it need not have come to that
    }
    throw error;
  }
}
