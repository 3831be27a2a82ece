/** Copies what a run created and changed to the host. */
import { resolve } from "node:path";
import type { OnStaging } from "../archive/staging.ts";
import { unpackTar } from "../archive/unpack_tar.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import type { Artifact } from "./artifact.ts";
import { archiveChanges, type ArchiveLimits, type LeftOut } from "./archive_changes.ts";

/** How much to extract; with a `signal` that is aborted nothing is extracted. */
export interface ExtractOptions extends ArchiveLimits {
  /** As for `unpackTar`: so that the staging directory can be removed should this process be killed. */
  readonly onStaging?: OnStaging;
}

/** What was extracted. */
export interface Extraction {
  /** How many artifacts are in the folder. */
  readonly extracted: number;
  /** Those that were created or changed, and are not in the folder. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Extracts the created and changed among `artifacts` into `directory`, all or nothing: what the guest
 * had as `/workspace/a` becomes `workspace/a`.
 *
 * It is unpacked as any archive that is not trusted, see `unpackTar`: nothing is written outside of
 * `directory`, which must have a parent. Only files, directories and symlinks that cannot lead out are
 * made, without owners, setuid, setgid, sticky and extended attributes.
 *
 * @param artifacts what `workspaceChanges` gave for the same disk, or some of it, in the same order
 * @throws {Ext4Error} if the disk is damaged
 * @throws {ArchiveError} if a file is in conflict with what is in `directory`
 * @throws {Deno.errors.PermissionDenied} and its like if the host's disk refuses
 * @throws the signal's reason if it is aborted
 */
export async function extractChanges(
  disk: Ext4,
  artifacts: readonly Artifact[],
  directory: string,
  options: ExtractOptions = {},
): Promise<Extraction> {
  const { onStaging, ...limits } = options;
  const folder = resolve(directory);
  const { archive, leftOut, count } = archiveChanges(disk, artifacts, { ...limits, folder });
  await unpackTar(archive, folder, onStaging === undefined ? {} : { onStaging });
  return { extracted: count - leftOut.length, leftOut };
}
