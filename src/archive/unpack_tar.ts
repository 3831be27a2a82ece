/** Unpacks a tar archive that need not be trusted into a directory. */
import { resolve } from "node:path";
import { ArchiveError } from "./archive_error.ts";
import { ByteReader } from "./byte_reader.ts";
import { eventLoopTurn } from "./event_loop_turn.ts";
import type { TarLimits } from "./limits.ts";
import { publishTree } from "./publish_tree.ts";
import { readTar } from "./read_tar.ts";
import { look, StagedTree } from "./staged_tree.ts";
import { type OnStaging, openStaging } from "./staging.ts";

/** How to unpack. */
export interface UnpackOptions {
  /**
   * Called with the path of the staging directory before that is made, so that the caller can have it
   * removed should this process be killed; the result is disposed once the directory is gone.
   */
  readonly onStaging?: OnStaging;
  /**
   * Waited for once all is unpacked, before anything is moved into place: if it rejects, nothing is,
   * and `unpackTar` rejects with its reason.
   */
  readonly beforePublish?: () => Promise<void>;
  /** What the archive may ask for. @default TAR_LIMITS */
  readonly limits?: TarLimits;
}

// At some 50 us each the event loop is kept waiting for a few milliseconds.
const ENTRIES_PER_TURN = 128;

/**
 * Unpacks `archive` into `directory`, all or nothing as far as the file system allows.
 *
 * Everything is unpacked into a staging directory beside `directory` first. If `directory` is not
 * there, it appears whole by one rename; its parent must exist. If it is there, conflicts are looked
 * for first, then files are moved in, replacing those of the same name. Only a failing disk can leave
 * a part. Of several calls into one `directory` at once, for each file the last one wins.
 *
 * Refused: names that are absolute, have `..` or are not UTF-8, parents that are not real directories,
 * symlinks that could lead out, links to anything but a file of the same archive, devices and fifos.
 * Restored: content (holes stay holes), permission bits, mtimes. Not restored: owners, setuid,
 * setgid, sticky, extended attributes.
 *
 * `archive` is owned: read to its end, which may be behind the end-of-archive, or cancelled. Memory
 * does not grow with the size of files, only with the number of folders (of all entries if `directory`
 * is there), in few bytes each and up to a bound.
 *
 * @throws {ArchiveError} if the archive is malformed, cut short or hostile, or in conflict with what
 *   is in `directory`; the message names the entry
 * @throws {Deno.errors.PermissionDenied} and its like if the disk refuses
 * @throws whatever `archive` fails with
 * @example
 * ```ts
 * import { packTar } from "./pack_tar.ts";
 * import { unpackTar } from "./unpack_tar.ts";
 * const copy = `${await Deno.makeTempDir()}/copy`;
 * await unpackTar(packTar(["hostname"], { directory: "/etc" }), copy);
 * ```
 */
export async function unpackTar(
  archive: ReadableStream<Uint8Array>,
  directory: string,
  options: UnpackOptions = {},
): Promise<void> {
  const bytes = new ByteReader(archive);
  try {
    await unpack(bytes, realTarget(directory), options);
  } catch (error) {
    await bytes.cancel(error);
    throw error;
  }
}

async function unpack(bytes: ByteReader, target: string, options: UnpackOptions): Promise<void> {
  const { limits } = options;
  const staging = openStaging(target, options.onStaging ?? unregistered);
  try {
    const tree = new StagedTree(staging.path, { limits, keepsFiles: look(target) !== undefined });
    let entries = 0;
    for await (const entry of readTar(bytes, limits && { limits })) {
      await tree.add(entry);
      if (++entries % ENTRIES_PER_TURN === 0) await eventLoopTurn();
    }
    await options.beforePublish?.();
    publishTree(tree, staging.path, target);
  } catch (error) {
    // What went wrong first is the news; the caller's registration still covers what is left.
    await staging.remove().catch(() => {});
    throw error;
  }
  await staging.remove();
}

/** Where `directory` really is, since a rename would replace a symlink instead of following it. */
function realTarget(directory: string): string {
  const path = resolve(directory);
  if (look(path) === undefined) return path;
  if (look(path)?.isDirectory || isDirectoryLink(path)) return Deno.realPathSync(path);
  throw new ArchiveError(
    `Cannot unpack into ${JSON.stringify(directory)} as it must be a directory: it is not`,
  );
}

function isDirectoryLink(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function unregistered(): Disposable {
  return { [Symbol.dispose]: () => {} };
}
