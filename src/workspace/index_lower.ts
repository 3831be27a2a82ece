/**
 * Reads the files that were there before a run from the index of an image.
 *
 * An index is text: a line of JSON for each path of the image but the root, in any order, such as
 * `{"path":"/etc/hosts","kind":"file","mode":420,"uid":0,"gid":0,"size":12,"sha256":"…"}`.
 */
import { z } from "npm:zod@4.6.7";
import type { Entry } from "./artifact.ts";
import type { Lower } from "./lower.ts";

const count = z.int().nonnegative();
const indexLine = z.strictObject({
  path: z.string().regex(/^\/[^\0]*[^/\0]$/, "must be absolute"),
  kind: z.enum([
    "file",
    "directory",
    "symlink",
    "fifo",
    "socket",
    "character-device",
    "block-device",
  ]),
  mode: count.max(0o7777),
  uid: count,
  gid: count,
  size: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits").optional(),
  linkTarget: z.string().optional(),
  device: z.strictObject({ major: count, minor: count }).optional(),
});

/** One line of an index. A file without `sha256` counts as changed if a run wrote to it. */
export interface IndexLine extends Entry {
  readonly path: string;
  /** SHA-256 of a file's content, in hexadecimal. */
  readonly sha256?: string;
}

/**
 * Returns the files that an index lists.
 *
 * @throws {TypeError} if a line is malformed; the message has its number
 */
export function indexLower(index: string): Lower {
  const lines = new Map<string, IndexLine>();
  const names = new Map<string, string[]>();
  for (const [number, text] of index.split("\n").entries()) {
    if (text === "") continue;
    const line = readLine(text, number + 1);
    if (lines.has(line.path)) throw refused(number + 1, `${JSON.stringify(line.path)} comes twice`);
    lines.set(line.path, line);
    const slash = line.path.lastIndexOf("/");
    const parent = line.path.slice(0, slash) || "/";
    const siblings = names.get(parent);
    if (siblings === undefined) names.set(parent, [line.path.slice(slash + 1)]);
    else siblings.push(line.path.slice(slash + 1));
  }
  return {
    lookup: (path) => lines.get(path),
    list: (path) => names.get(path) ?? [],
    sha256: (path) => Promise.resolve(lines.get(path)?.sha256),
  };
}

function readLine(text: string, number: number): IndexLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused(number, (error as Error).message);
  }
  const { success, data, error } = indexLine.safeParse(value);
  if (success) return data as IndexLine;
  const issue = error.issues[0];
  throw refused(number, `${issue?.path.join(".")}: ${issue?.message}`);
}

function refused(number: number, fact: string): TypeError {
  return new TypeError(`cannot read the index of an image: line ${number} is malformed: ${fact}`);
}
