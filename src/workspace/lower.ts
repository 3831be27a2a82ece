/** What was there before the run: what the changes of a run are measured against. */
import type { Entry } from "./artifact.ts";

/** A tree of files; paths are absolute, no symlink is followed. */
export interface Lower {
  /** What is at a path itself, if anything is. */
  lookup(path: string): Entry | undefined;
  /** The names in a directory, in any order; none if it is no directory. */
  list(path: string): Iterable<string>;
  /** The SHA-256 of a file's content in hexadecimal; nothing if it is not known. */
  sha256(path: string): Promise<string | undefined>;
}

/** A tree without anything in it. */
export const NOTHING: Lower = {
  lookup: () => undefined,
  list: () => [],
  sha256: () => Promise.resolve(undefined),
};
