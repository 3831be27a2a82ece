// The manifest of a root: what is in it, a line of JSON for each name, sorted by path.

import type { TarType } from "../archive/tar_format.ts";

/** What is known of one name in a root. */
export interface ManifestEntry {
  /** Absolute; `/` is the root itself. */
  readonly path: string;
  /** Further names of a file are files as well. */
  readonly kind: Exclude<TarType, "link">;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a file. */
  readonly size?: number;
  /** Of a file's content, in hex. */
  readonly sha256?: string;
  /** Seconds since the epoch, where not all file systems have room for them: before 1970, from 2038 on. */
  readonly mtime?: number;
  /** Of a symlink, as it stands there. */
  readonly linkTarget?: string;
  /** Device numbers. */
  readonly major?: number;
  readonly minor?: number;
}

/** Where the manifest of an image is. */
export function manifestPath(image: string): string {
  return `${image}.manifest.jsonl`;
}

/** How much text is written at a time. */
const WRITE_CHARACTERS = 64 * 1024;

/** Writes a new file of lines. */
export async function writeManifest(path: string, lines: Iterable<string>): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const encoder = new TextEncoder();
  const write = async (text: string): Promise<void> => {
    for (let rest = encoder.encode(text); rest.length > 0;) {
      rest = rest.subarray(await file.write(rest));
    }
  };
  let text = "";
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < WRITE_CHARACTERS) continue;
    await write(text);
    text = "";
  }
  await write(text);
}

/** Reads the manifest of the image at a path. @throws {Error} if it is not there, or damaged. */
export async function readManifest(image: string): Promise<ManifestEntry[]> {
  const path = manifestPath(image);
  const text = await Deno.readTextFile(path);
  try {
    return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  } catch (cause) {
    throw new Error(`Cannot read ${JSON.stringify(path)} as it is damaged`, { cause });
  }
}
