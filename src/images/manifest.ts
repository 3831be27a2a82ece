// The manifest of a root: a line of JSON for each name in it, sorted by path.

import { ChunkBuilder } from "../archive/chunk_builder.ts";
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

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = Uint8Array.of(0x0a);

/**
 * Writes lines to a new file.
 *
 * @param lines UTF-8 without newlines; each is read before the next is requested
 */
export async function writeManifest(path: string, lines: Iterable<Uint8Array>): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const chunk = new ChunkBuilder(CHUNK_BYTES);
  const write = async () => {
    for (let rest = chunk.take(); rest.length > 0;) rest = rest.subarray(await file.write(rest));
  };
  for (const line of lines) {
    for (const bytes of [line, NEWLINE]) {
      for (let done = chunk.append(bytes); done < bytes.length;) {
        await write();
        done += chunk.append(bytes.subarray(done));
      }
    }
  }
  await write();
}

/**
 * Reads an image's manifest, an entry at a time: it may have a million.
 *
 * @param image path of the image
 * @throws {Error} if it is missing or damaged.
 */
export async function* manifestEntries(image: string): AsyncGenerator<ManifestEntry> {
  const path = manifestPath(image);
  const file = await Deno.open(path);
  let rest = "";
  for await (const text of file.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield parseLine(line, path);
  }
}

/** Reads an image's manifest as a whole. @throws {Error} if it is missing or damaged. */
export async function readManifest(image: string): Promise<ManifestEntry[]> {
  return await Array.fromAsync(manifestEntries(image));
}

function parseLine(line: string, path: string): ManifestEntry {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Error(`cannot read ${JSON.stringify(path)}: it is damaged`, { cause });
  }
}
