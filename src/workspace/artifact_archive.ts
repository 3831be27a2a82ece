/** Packs artifacts of a run into a tar archive. */
import { ChunkBuilder } from "../archive/chunk_builder.ts";
import { encodeTarHeader } from "../archive/encode_tar_header.ts";
import { eventLoopTurn } from "../archive/event_loop_turn.ts";
import { BLOCK_BYTES, paddingBytes, type TarHeader } from "../archive/tar_format.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import type { Inode } from "../ext4/inode.ts";
import type { Artifact } from "./artifact.ts";
import { Ext4Tree } from "./ext4_tree.ts";
import { storedContent } from "./sparse_content.ts";
import { diskPath } from "./workspace_layout.ts";

/** Options of {@linkcode artifactArchive}. */
export interface ArchiveOptions {
  /** The maximum bytes of content, without holes; files beyond that are left out. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** Called for each artifact that is left out, with the reason. */
  readonly onLeftOut: (artifact: Artifact, why: string) => void;
}

/**
 * Yields a tar archive of files, directories and symlinks. Names are relative, further names of a
 * file are hard links, large holes stay holes.
 *
 * @param artifacts of `workspaceChanges` for the same disk, or some of them; none may be deleted
 * @throws {Ext4Error} from the generator if the disk is damaged
 */
export async function* artifactArchive(
  disk: Ext4,
  artifacts: readonly Artifact[],
  options: ArchiveOptions,
): AsyncGenerator<Uint8Array> {
  const members = new Members(disk, options);
  const builder = new ChunkBuilder();
  for (const artifact of artifacts) {
    options.signal?.throwIfAborted();
    for (const bytes of members.pack(artifact)) {
      for (let done = 0; done < bytes.length;) {
        done += builder.append(bytes.subarray(done));
        if (builder.room > 0) continue;
        yield builder.take();
        await eventLoopTurn();
      }
    }
  }
  if (builder.room < 2 * BLOCK_BYTES) yield builder.take();
  builder.appendZeros(2 * BLOCK_BYTES);
  yield builder.take();
}

/** Packs the members of one archive, which may be hard links to each other. */
class Members {
  readonly #tree: Ext4Tree;
  readonly #onLeftOut: ArchiveOptions["onLeftOut"];
  /** The first packed name of each file with several links, by inode number. */
  readonly #firstNames = new Map<number, string>();
  #bytesLeft: number;

  constructor(disk: Ext4, { maxBytes, onLeftOut }: ArchiveOptions) {
    this.#tree = new Ext4Tree(disk, disk.root());
    this.#onLeftOut = onLeftOut;
    this.#bytesLeft = maxBytes;
  }

  /** Yields the blocks of one member; none if it is left out. */
  *pack(artifact: Artifact): Generator<Uint8Array> {
    const inode = this.#tree.find(diskPath(artifact.path));
    if (inode === undefined || inode.kind !== artifact.kind) {
      return this.#onLeftOut(artifact, "it is not on the disk");
    }
    const name = artifact.path.slice(1);
    const firstName = this.#firstNames.get(inode.number);
    if (firstName !== undefined) {
      yield encodeTarHeader({ ...header(name, inode), type: "link", linkName: firstName });
    } else if (inode.kind === "file") {
      yield* this.#packFile(artifact, name, inode);
    } else if (inode.kind === "directory") {
      yield encodeTarHeader({ ...header(`${name}/`, inode), type: "directory" });
    } else {
      const linkName = artifact.linkTarget ?? "";
      yield encodeTarHeader({ ...header(name, inode), type: "symlink", linkName });
    }
  }

  *#packFile(artifact: Artifact, name: string, inode: Inode): Generator<Uint8Array> {
    const stored = storedContent(this.#tree.disk, inode);
    if (stored === undefined) return this.#onLeftOut(artifact, "it has too many holes");
    if (stored.storedBytes > this.#bytesLeft) {
      return this.#onLeftOut(artifact, "it exceeds the limit on extracted bytes");
    }
    this.#bytesLeft -= stored.storedBytes;
    if (inode.links > 1) this.#firstNames.set(inode.number, name);
    yield encodeTarHeader({ ...header(name, inode), size: stored.storedBytes }, stored.records);
    yield* stored.pieces();
    yield new Uint8Array(paddingBytes(stored.storedBytes));
  }
}

function header(name: string, { mode, mtime }: Inode): TarHeader {
  return {
    type: "file",
    name,
    linkName: "",
    mode: mode & 0o777,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: mtime.seconds,
    major: 0,
    minor: 0,
  };
}
