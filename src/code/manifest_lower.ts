// Reads the manifest of an image as the state before a run.

import { type ManifestEntry, readManifest } from "../images/manifest.ts";
import type { Entry } from "../workspace/artifact.ts";
import type { Lower } from "../workspace/lower.ts";

const KINDS = { char: "character-device", block: "block-device" } as const;

/** A tree of entries, in no particular order. */
export function manifestLower(entries: Iterable<ManifestEntry>): Lower {
  const byPath = new Map<string, ManifestEntry>();
  const names = new Map<string, string[]>();
  for (const entry of entries) {
    byPath.set(entry.path, entry);
    const slash = entry.path.lastIndexOf("/");
    const name = entry.path.slice(slash + 1);
    if (name === "") continue; // the root
    const folder = entry.path.slice(0, slash) || "/";
    const siblings = names.get(folder);
    if (siblings === undefined) names.set(folder, [name]);
    else siblings.push(name);
  }
  return {
    lookup(path) {
      const entry = byPath.get(path);
      return entry && toEntry(entry);
    },
    list: (path) => names.get(path) ?? [],
    sha256: (path) => Promise.resolve(byPath.get(path)?.sha256),
  };
}

/**
 * Returns the state of an image before a run. The manifest is read when first needed, because most
 * runs need none of it.
 */
export async function imageLower(image: string): Promise<Lower> {
  return manifestLower(await readManifest(image));
}

function toEntry(entry: ManifestEntry): Entry {
  const { kind, mode, uid, gid, size = 0, linkTarget, major, minor } = entry;
  return {
    kind: kind === "char" || kind === "block" ? KINDS[kind] : kind,
    mode,
    uid,
    gid,
    size,
    ...(linkTarget !== undefined && { linkTarget }),
    ...(major !== undefined && minor !== undefined && { device: { major, minor } }),
  };
}
