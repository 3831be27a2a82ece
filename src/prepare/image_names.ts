// Stores the names of images in the cache.
//
// Each is a file `<cache>/images/.names/<hash of the name>` with a NameRecord. A name moves by a
// rename of its file, so that a reader finds the old key or the new one.

import { cacheDir } from "../host/cache_dir.ts";
import { faultOf } from "../host/fault.ts";
import { replaceFile } from "../host/write_aside.ts";
import { identityOf } from "../images/root_source.ts";

/** The contents of such a file. */
interface NameRecord {
  readonly name: string;
  /** The key of the image that has the name. */
  readonly key: string;
}

function namesDir(): string {
  return `${cacheDir()}/images/.names`;
}

function pathOf(name: string): string {
  return `${namesDir()}/${identityOf("name", name)}`;
}

/** Gives an image a name, which another image then no longer has. @throws {Error} if it cannot. */
export function nameImage(name: string, key: string): void {
  const record: NameRecord = { name, key };
  try {
    Deno.mkdirSync(namesDir(), { recursive: true });
    replaceFile(pathOf(name), `${JSON.stringify(record)}\n`);
  } catch (error) {
    throw new Error(`cannot name the image ${JSON.stringify(name)}: ${faultOf(error)}`, {
      cause: error,
    });
  }
}

/** Returns the key of the image that has a name, if one has. */
export function keyNamed(name: string): string | undefined {
  const record = read(pathOf(name));
  return record?.name === name ? record.key : undefined;
}

/** Returns all names, each with the key of its image. */
export function allNames(): ReadonlyMap<string, string> {
  return new Map(
    files().map(read).filter((record) => record !== undefined)
      .map(({ name, key }) => [name, key]),
  );
}

/** Removes the names of an image. */
export function removeNames(key: string): void {
  for (const path of files()) {
    if (read(path)?.key === key) Deno.removeSync(path);
  }
}

function files(): string[] {
  try {
    return [...Deno.readDirSync(namesDir())].map(({ name }) => name)
      .filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name) => `${namesDir()}/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function read(path: string): NameRecord | undefined {
  try {
    const { name, key } = JSON.parse(Deno.readTextFileSync(path));
    return typeof name === "string" && typeof key === "string" ? { name, key } : undefined;
  } catch {
    return undefined; // it is missing or damaged
  }
}
