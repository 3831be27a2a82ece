// Makes temporary folders and files that the watchdog removes if this process is killed.

import { tempDir } from "./temp_dir.ts";
import { killWithUs } from "./watchdog.ts";

/**
 * A new path. The caller removes it, then disposes `cleanup`, after which the watchdog ignores it.
 */
export interface NewPath {
  readonly path: string;
  readonly cleanup: Disposable;
}

/** The parent folder and the start of the name. */
export interface TempName {
  readonly prefix: string;
  /** @default TMPDIR, else /tmp */
  readonly dir?: string;
}

/** Makes an empty folder of mode 0700. @throws {Deno.errors} if it cannot be made. */
export function makeTempFolder(name: TempName): NewPath {
  return make(name, (path) => Deno.mkdirSync(path, { mode: 0o700 }));
}

/** Makes an empty file of mode 0600. @throws {Deno.errors} if it cannot be made. */
export function makeTempFile(name: TempName): NewPath {
  const options = { createNew: true, mode: 0o600 };
  return make(name, (path) => Deno.writeFileSync(path, new Uint8Array(), options));
}

function make({ prefix, dir = tempDir() }: TempName, create: (path: string) => void): NewPath {
  // As short as names of Deno.makeTempDir, since the length of socket paths is limited.
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
