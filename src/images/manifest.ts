// The manifest of a root: a line of JSON for each name in it, sorted by path.

import type { TarType } from "../archive/tar_format.ts";

/** One name in a root. */
export interface ManifestEntry {
  /** Absolute path; `/` is the root itself. */
  readonly path: string;
  /** The type; each hard link of a file is a file. */
  readonly kind: Exclude<TarType, "link">;
  /** Permission bits, including setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Size of a file in bytes. */
  readonly size?: number;
  /** SHA-256 of a file's content, in hex. */
  readonly sha256?: string;
  /**
   * Seconds since the epoch; only for times that not all file systems can store: before 1970, from
   * 2038 on.
   */
  readonly mtime?: number;
  /** The target of a symlink, verbatim. */
  readonly linkTarget?: string;
  /** Device numbers. */
  readonly major?: number;
  readonly minor?: number;
}

/** The path of an image's manifest. */
export function manifestPath(image: string): string {
  return `${image}.manifest.jsonl`;
}

/** How many characters are written at once. */
const WRITE_CHARACTERS = 64 * 1024;

/** Writes lines to a new file. */
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

/**
 * Reads an image's manifest.
 *
 * @param image path of the image
 * @throws {Error} if it is missing or damaged.
 */
export async function readManifest(image: string): Promise<ManifestEntry[]> {
  const path = manifestPath(image);
  const text = await Deno.readTextFile(path);
  try {
    return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  } catch (cause) {
    throw new Error(`cannot read ${JSON.stringify(path)}: it is damaged`, { cause });
  }
}
