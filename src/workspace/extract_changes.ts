/** Copies what a run created and changed to the host. */
import { resolve } from "node:path";
import { pullStream } from "../archive/pull_stream.ts";
import type { OnStaging } from "../archive/staging.ts";
import { unpackTar } from "../archive/unpack_tar.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import { artifactArchive } from "./artifact_archive.ts";
import type { Artifact } from "./artifact.ts";
import { whyNotExtractable } from "./extractable.ts";

/** How much to extract. */
export interface ExtractOptions {
  /** Of whatever is stored, holes left out; further files are left out. @default 4 GiB */
  readonly maxBytes?: number;
  /** Ends it early; nothing is extracted then. */
  readonly signal?: AbortSignal;
  /** As for `unpackTar`: so that the staging directory can be removed should this process be killed. */
  readonly onStaging?: OnStaging;
}

/** Something that the host does not get. */
export interface LeftOut {
  /** Its path in the guest. */
  readonly path: string;
  /** Such as `it is a fifo`. */
  readonly why: string;
}

/** What was extracted. */
export interface Extraction {
  /** How many artifacts are in the folder. */
  readonly extracted: number;
  /** Those that were created or changed, and are not in the folder. */
  readonly leftOut: readonly LeftOut[];
}

const DEFAULT_MAX_BYTES = 4 * 2 ** 30;

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
  const { maxBytes = DEFAULT_MAX_BYTES, signal, onStaging } = options;
  const leftOut: LeftOut[] = [];
  const onLeftOut = ({ path }: Artifact, why: string) => void leftOut.push({ path, why });
  const folder = resolve(directory);
  const wanted = artifacts.filter(({ change }) => change !== "deleted");
  const packed = wanted.filter((artifact) => {
    const why = whyNotExtractable(artifact, folder);
    if (why !== undefined) onLeftOut(artifact, why);
    return why === undefined;
  });
  const bounds = { maxBytes, onLeftOut, ...(signal !== undefined && { signal }) };
  const archive = pullStream(artifactArchive(disk, packed, bounds));
  await unpackTar(archive, folder, onStaging === undefined ? {} : { onStaging });
  return { extracted: wanted.length - leftOut.length, leftOut };
}
