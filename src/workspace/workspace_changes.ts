/** Determines the changes that a run made, from the disk that it wrote to. */
import type { Ext4 } from "../ext4/ext4.ts";
import type { Artifact } from "./artifact.ts";
import { Comparison } from "./comparison.ts";
import { type Lower, NOTHING } from "./lower.ts";
import { TMP, WORKSPACE } from "./workspace_layout.ts";

/** Options of {@linkcode workspaceChanges}. */
export interface ChangesOptions {
  /** The image below the overlay of the run; empty by default. */
  readonly image?: Lower;
  /**
   * The files that were in `/workspace` before the run, by paths that start with `/workspace`; an
   * entry for `/workspace` itself may be missing. Empty by default.
   */
  readonly given?: Lower;
  /** Whether to compare `/tmp` too. @default false */
  readonly withTmp?: boolean;
  /** Maximum number of compared paths, including deleted ones. @default 100_000 */
  readonly maxEntries?: number;
  /** Maximum bytes hashed, with holes; files beyond that have no `sha256`. @default 4 GiB */
  readonly maxBytes?: number;
  /** Aborts the comparison. */
  readonly signal?: AbortSignal;
}

/** The changes that a run made. */
export interface WorkspaceChanges {
  /** Sorted by path, a directory before its content. */
  readonly artifacts: readonly Artifact[];
  /** Whether a limit was reached: artifacts are missing, or a file has no `sha256`. */
  readonly truncated: boolean;
}

const DEFAULT_MAX_ENTRIES = 100_000;
const DEFAULT_MAX_BYTES = 4 * 2 ** 30;
/**
 * Returns the files, directories and nodes that a run created, changed or deleted.
 *
 * `/upper` of `disk` is the upper directory of the overlay that was the root of the run, with a
 * `/workspace` that was made for it and hides that of the image. A file that was copied up but is
 * unchanged is not reported, nor is a directory because its content changed. Mtimes and extended
 * attributes are not compared.
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
