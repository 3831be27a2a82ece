// New temporary folders and files, on the list of what goes when we are killed before they are there.

import { tempDir } from "./temp_dir.ts";
import { killWithUs } from "./watchdog.ts";

/** What is new, and what takes it off that list; removing it is the caller's. */
export interface NewPath {
  readonly path: string;
  readonly cleanup: Disposable;
}

/** Where, and what its name begins with. */
export interface TempName {
  readonly prefix: string;
  /** @default TMPDIR, else /tmp */
  readonly dir?: string;
}

/** Makes an empty folder that only we may enter. @throws {Deno.errors} if it cannot be made. */
export function makeTempFolder(name: TempName): NewPath {
  return make(name, (path) => Deno.mkdirSync(path, { mode: 0o700 }));
}

/** Makes an empty file that only we may read. @throws {Deno.errors} if it cannot be made. */
export function makeTempFile(name: TempName): NewPath {
  const options = { createNew: true, mode: 0o600 };
  return make(name, (path) => Deno.writeFileSync(path, new Uint8Array(), options));
}

function make({ prefix, dir = tempDir() }: TempName, create: (path: string) => void): NewPath {
  // As long as a name of Deno.makeTempDir, since paths of sockets are short.
  const path = `${dir}/${prefix}${crypto.getRandomValues(new Uint8Array(8)).toHex()}`;
  const cleanup = killWithUs({ path });
  try {
    create(path);
  } catch (error) {
    cleanup[Symbol.dispose]();
    throw error;
  }
  return { path, cleanup };
}
