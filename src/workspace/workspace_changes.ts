/** Finds out what a run did, from the disk that it wrote to. */
import type { Ext4 } from "../ext4/ext4.ts";
import type { Artifact } from "./artifact.ts";
import { Comparison } from "./comparison.ts";
import { type Lower, NOTHING } from "./lower.ts";
import { TMP, WORKSPACE } from "./workspace_layout.ts";

/** What to compare with, and how much to read. */
export interface ChangesOptions {
  /** The image that the run saw below its own files; nothing by default. */
  readonly image?: Lower;
  /** What was in `/workspace` before the run, with paths from `/workspace` on, itself or not; nothing by default. */
  readonly given?: Lower;
  /** Whether to look into `/tmp`. @default false */
  readonly withTmp?: boolean;
  /** How many names are looked at, those of deleted files included. @default 100_000 */
  readonly maxEntries?: number;
  /** How many bytes are hashed, holes included; files beyond have no `sha256`. @default 4 GiB */
  readonly maxBytes?: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** What a run did. */
export interface WorkspaceChanges {
  /** In the order of their paths, a directory before what is in it. */
  readonly artifacts: readonly Artifact[];
  /** Whether a bound was met: artifacts are missing, or a file has no `sha256`. */
  readonly truncated: boolean;
}

const DEFAULT_MAX_ENTRIES = 100_000;
const DEFAULT_MAX_BYTES = 4 * 2 ** 30;
/**
 * The files, directories and nodes that a run created, changed or deleted.
 *
 * In `/upper` of `disk` is the upper directory of the overlay that the run had as its root, with a
 * `/workspace` that was made for it and hides that of the image. What was copied up but is as before is no change, nor is a directory
 * in which something changed. Mtimes and extended attributes are not compared.
 *
 * @throws {Ext4Error} if the disk is damaged or hostile
 * @throws the signal's reason if it is aborted
 * @example
 * ```ts
 * import { openExt4 } from "../ext4/ext4.ts";
 * import { fileSource } from "../ext4/source.ts";
 * import { ext4Lower } from "./ext4_lower.ts";
 * import { workspaceChanges } from "./workspace_changes.ts";
 *
 * async function example(): Promise<void> {
 *   using disk = Deno.openSync("workspace.img");
 *   using image = Deno.openSync("image.img");
 *   const { artifacts } = await workspaceChanges(openExt4(fileSource("the workspace", disk)), {
 *     image: ext4Lower(openExt4(fileSource("the image", image))),
 *   });
 * }
 * ```
 */
export async function workspaceChanges(
  disk: Ext4,
  options: ChangesOptions = {},
): Promise<WorkspaceChanges> {
  const { image = NOTHING, given = NOTHING, withTmp = false, signal } = options;
  const comparison = new Comparison(disk, {
    maxEntries: options.maxEntries ?? DEFAULT_MAX_ENTRIES,
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
    ...(signal !== undefined && { signal }),
  });
  const leftOut = withTmp ? [WORKSPACE] : [WORKSPACE, TMP];
  await comparison.compareTree({ lower: image, leftOut });
  await comparison.compareFolder(WORKSPACE, given);
  const artifacts = comparison.artifacts.sort((a, b) => a.path < b.path ? -1 : 1);
  return { artifacts, truncated: comparison.truncated };
}
