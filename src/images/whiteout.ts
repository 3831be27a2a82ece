// The names that mark in a layer what it removes: OCI image spec, layer.md, "Whiteouts". Pure.

import { ArchiveError } from "../archive/archive_error.ts";
import { parentPath } from "../archive/entry_path.ts";

/** What a marker removes. */
export interface Marker {
  readonly folder: string;
  /** Absent if it is all that lower layers have in the folder. */
  readonly name?: string;
}

const PREFIX = ".wh.";
/** Names of AUFS itself, of which the layers of old tools have some, start so. */
const META_PREFIX = `${PREFIX}${PREFIX}`;
const OPAQUE = `${META_PREFIX}.opq`;

/** A marker that removes nothing. */
const NOTHING: Marker = { folder: "", name: "" };

/**
 * What the entry at `path` removes; undefined if it is no marker.
 *
 * @throws {ArchiveError} if it marks no name that can be.
 */
export function parseMarker(path: string): Marker | undefined {
  const base = path.slice(path.lastIndexOf("/") + 1);
  if (base === OPAQUE) return { folder: parentPath(path) };
  if (path.split("/").some((part) => part.startsWith(META_PREFIX))) return NOTHING;
  if (!base.startsWith(PREFIX)) return undefined;
  const name = base.slice(PREFIX.length);
  if (name !== "" && name !== "." && name !== "..") return { folder: parentPath(path), name };
  throw new ArchiveError(
    `Cannot take in ${JSON.stringify(path)} as a whiteout must name what it removes`,
  );
}
