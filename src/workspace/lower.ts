/** The files that were there before a run, which its changes are relative to. */
import type { Entry } from "./artifact.ts";

/** A tree of files. Paths are absolute, symlinks are not followed. */
export interface Lower {
  /** Returns the metadata of a path; undefined if it does not exist. */
  lookup(path: string): Entry | undefined;
  /** Returns the names in a directory, in any order; none if it is not a directory. */
  list(path: string): Iterable<string>;
  /** Returns the SHA-256 of a file's content in hexadecimal; undefined if it is not known. */
  sha256(path: string): Promise<string | undefined>;
}

/** An empty tree. */
export const NOTHING: Lower = {
  lookup: () => undefined,
  list: () => [],
  sha256: () => Promise.resolve(undefined),
};
