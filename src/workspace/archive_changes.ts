/** What a run created and changed, as a tar that may be unpacked anywhere. */
import { pullStream } from "../archive/pull_stream.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import { artifactArchive } from "./artifact_archive.ts";
import type { Artifact } from "./artifact.ts";
import { whyNotExtractable } from "./extractable.ts";

/** How much to take. */
export interface ArchiveLimits {
  /** Of whatever is stored, holes left out; further files are left out. @default 4 GiB */
  readonly maxBytes?: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** Something that the host does not get. */
export interface LeftOut {
  /** Its path in the guest. */
  readonly path: string;
  /** Such as `it is a fifo`. */
  readonly why: string;
}

/** The archive. */
export interface ChangesArchive {
  /** Read once, to its end or cancelled; it fails if the disk is damaged, or as `signal` does. */
  readonly archive: ReadableStream<Uint8Array>;
  /** Those that are not in it; all of them are here once it has been read. */
  readonly leftOut: readonly LeftOut[];
  /** How many artifacts were created or changed. */
  readonly count: number;
}

const DEFAULT_MAX_BYTES = 4 * 2 ** 30;

/**
 * Archives the created and changed among `artifacts`: what the guest had as `/workspace/a` is
 * `workspace/a`. Only files, directories and symlinks that cannot lead out are in it, of root, without
 * setuid, setgid, sticky and extended attributes.
 *
 * @param artifacts what `workspaceChanges` gave for the same disk, or some of it, in the same order
 */
export function archiveChanges(
  disk: Ext4,
  artifacts: readonly Artifact[],
  options: ArchiveLimits & {
    /** The absolute path of where it is to be unpacked, if that is known. */
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
