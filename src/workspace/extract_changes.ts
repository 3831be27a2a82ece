/** Copies what a run created and changed to the host. */
import { resolve } from "node:path";
import type { OnStaging } from "../archive/staging.ts";
import { unpackTar } from "../archive/unpack_tar.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import type { Artifact } from "./artifact.ts";
import { archiveChanges, type ArchiveLimits, type LeftOut } from "./archive_changes.ts";

/** Options of {@linkcode extractChanges}; if `signal` is aborted nothing is extracted. */
export interface ExtractOptions extends ArchiveLimits {
  /** As for `unpackTar`: lets the staging directory be removed if this process is killed. */
  readonly onStaging?: OnStaging;
}

/** The result of {@linkcode extractChanges}. */
export interface Extraction {
  /** The number of artifacts in the folder. */
  readonly extracted: number;
  /** The artifacts that were created or changed but are not in the folder. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Extracts the created and changed among `artifacts` into `directory`, all or nothing:
 * `/workspace/a` of the guest becomes `workspace/a`.
 *
 * They are unpacked like any untrusted archive, see `unpackTar`: nothing is written outside of
 * `directory`, whose parent must exist. Only files, directories and symlinks that cannot lead out
 * are made, without owners, setuid, setgid, sticky and extended attributes.
 *
 * @param artifacts of `workspaceChanges` for the same disk, or some of them, in the same order
 * @throws {Ext4Error} if the disk is damaged
 * @throws {ArchiveError} if a file conflicts with the content of `directory`
 * @throws {Deno.errors.PermissionDenied} and others if the host's disk refuses
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
