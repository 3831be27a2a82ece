// Parses whiteouts, names that mark in a layer what it removes: OCI image spec, layer.md,
// "Whiteouts". Pure.

import { ArchiveError } from "../archive/archive_error.ts";
import { parentPath } from "../archive/entry_path.ts";

/** What a marker removes. */
export interface Marker {
  readonly folder: string;
  /** The name; absent if everything of lower layers in the folder is removed. */
  readonly name?: string;
}

const PREFIX = ".wh.";
/** The prefix of AUFS's own names, which layers of old tools contain. */
const META_PREFIX = `${PREFIX}${PREFIX}`;
const OPAQUE = `${META_PREFIX}.opq`;

/** A marker that removes nothing. */
const NOTHING: Marker = { folder: "", name: "" };

/**
 * Returns what the entry at `path` removes; undefined if it is not a marker.
 *
 * @throws {ArchiveError} if the name that it marks is not valid.
 */
export function parseMarker(path: string): Marker | undefined {
  const base = path.slice(path.lastIndexOf("/") + 1);
  if (base === OPAQUE) return { folder: parentPath(path) };
  if (path.split("/").some((part) => part.startsWith(META_PREFIX))) return NOTHING;
  if (!base.startsWith(PREFIX)) return undefined;
  const name = base.slice(PREFIX.length);
  if (name !== "" && name !== "." && name !== "..") return { folder: parentPath(path), name };
  throw new ArchiveError(
    `cannot take in ${JSON.stringify(path)}: a whiteout must name what it removes`,
  );
}
