/** Packs what a run created and changed into a tar that is safe to unpack anywhere. */
import { pullStream } from "../archive/pull_stream.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import { artifactArchive } from "./artifact_archive.ts";
import type { Artifact } from "./artifact.ts";
import { whyNotExtractable } from "./extractable.ts";

/** Limits of an archive of changes. */
export interface ArchiveLimits {
  /** Bytes of content, without holes; files beyond that are left out. @default 4 GiB */
  readonly maxBytes?: number;
  /** Aborts the archiving. */
  readonly signal?: AbortSignal;
}

/** An artifact that is not copied to the host. */
export interface LeftOut {
  /** Its path in the guest. */
  readonly path: string;
  /** The reason, such as `it is a fifo`. */
  readonly why: string;
}

/** An archive of changes. */
export interface ChangesArchive {
  /**
   * To be read once, to its end, or cancelled. Fails if the disk is damaged or `signal` is aborted.
   */
  readonly archive: ReadableStream<Uint8Array>;
  /** The artifacts that are not in the archive; complete once the archive has been read. */
  readonly leftOut: readonly LeftOut[];
  /** The number of artifacts that were created or changed. */
  readonly count: number;
}

const DEFAULT_MAX_BYTES = 4 * 2 ** 30;

/**
 * Archives the created and changed among `artifacts`: `/workspace/a` of the guest becomes
 * `workspace/a`. The archive contains only files, directories and symlinks that cannot lead out,
 * owned by root, without setuid, setgid, sticky and extended attributes.
 *
 * @param artifacts of `workspaceChanges` for the same disk, or some of them, in the same order
 */
export function archiveChanges(
  disk: Ext4,
  artifacts: readonly Artifact[],
  options: ArchiveLimits & {
    /** The absolute path of the folder that the archive will be unpacked into, if known. */
    readonly folder?: string;
  } = {},
): ChangesArchive {
  const { maxBytes = DEFAULT_MAX_BYTES, signal, folder = "" } = options;
  const leftOut: LeftOut[] = [];
  const onLeftOut = ({ path }: Artifact, why: string) => void leftOut.push({ path, why });
  const wanted = artifacts.filter(({ change }) => change !== "deleted");
  const packed = wanted.filter((artifact) => {
    const why = whyNotExtractable(artifact, folder);
    if (why !== undefined) onLeftOut(artifact, why);
    return why === undefined;
  });
  const bounds = { maxBytes, onLeftOut, ...(signal !== undefined && { signal }) };
  const archive = pullStream(artifactArchive(disk, packed, bounds));
  return { archive, leftOut, count: wanted.length };
}
