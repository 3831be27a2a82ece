/** Unpacks an untrusted tar archive into a directory. */
import { resolve } from "node:path";
import { ArchiveError } from "./archive_error.ts";
import { ByteReader } from "./byte_reader.ts";
import type { DiskBudget } from "./disk_budget.ts";
import { eventLoopTurn } from "./event_loop_turn.ts";
import type { TarLimits } from "./limits.ts";
import { publishTree } from "./publish_tree.ts";
import { readTar, type TarEntry } from "./read_tar.ts";
import { look, StagedTree } from "./staged_tree.ts";
import { type OnStaging, openStaging } from "./staging.ts";

/** Options of {@linkcode unpackTar}. */
export interface UnpackOptions {
  /**
   * Called with the path of the staging directory before that is made, so that the caller can have
   * it removed if this process is killed; the result is disposed once the directory is gone.
   */
  readonly onStaging?: OnStaging;
  /**
   * Awaited once everything is unpacked, before anything is moved into place: if it rejects,
   * nothing is moved and `unpackTar` rejects with its reason.
   */
  readonly beforePublish?: () => Promise<void>;
  /** Limits on the memory that the archive may take. @default TAR_LIMITS */
  readonly limits?: TarLimits;
  /** The disk space that the entries may take. @default no limit */
  readonly budget?: DiskBudget;
}

// At some 50 us each they block the event loop for a few milliseconds.
const ENTRIES_PER_TURN = 128;

/**
 * Unpacks `archive` into `directory`, all or nothing as far as the file system allows.
 *
 * Everything is unpacked into a staging directory next to `directory` first. If `directory` does
 * not exist, it appears whole by one rename; its parent must exist. If it exists, all conflicts are
 * detected first, then files are moved in, replacing those of the same name. Only a failing disk
 * can leave it incomplete. With concurrent calls for one `directory`, the last one wins for each
 * file.
 *
 * Refused: names that are absolute, contain `..` or are not UTF-8, parents that are not real
 * directories, symlinks that could lead out, hard links to anything but a file of the same archive,
 * devices and fifos.
 * Restored: content (holes stay holes), permission bits, mtimes. Not restored: owners, setuid,
 * setgid, sticky, extended attributes.
 *
 * This owns `archive`: it is read to its end, beyond the end-of-archive, or cancelled. Memory does
 * not grow with the size of files, only with the number of folders (of all entries if `directory`
 * exists), by few bytes each and up to a limit.
 *
 * @throws {ArchiveError} if the archive is malformed, cut short or hostile, or conflicts with the
 *   content of `directory`; the message names the entry
 * @throws {Deno.errors.PermissionDenied} and others if the disk refuses
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
  const { limits } = options;
  try {
    await unpackEntries(readTar(bytes, limits && { limits }), directory, options);
  } catch (error) {
    await bytes.cancel(error);
    throw error;
  }
}

/**
 * Unpacks the entries of an archive as {@linkcode unpackTar} does.
 *
 * @throws as `unpackTar` does; then the caller cancels the archive
 */
export async function unpackEntries(
  entries: AsyncIterable<TarEntry>,
  directory: string,
  options: UnpackOptions,
): Promise<void> {
  const target = realTarget(directory);
  const { limits, budget } = options;
  const staging = openStaging(target, options.onStaging ?? unregistered);
  try {
    const tree = new StagedTree(staging.path, {
      ...{ limits, budget },
      keepsFiles: look(target) !== undefined,
    });
    let count = 0;
    for await (const entry of entries) {
      await tree.add(entry);
      if (++count % ENTRIES_PER_TURN === 0) await eventLoopTurn();
    }
    await options.beforePublish?.();
    publishTree(tree, staging.path, target);
  } catch (error) {
    // The first error is the one to report; the caller's registration still covers what is left.
    await staging.remove().catch(() => {});
    throw error;
  }
  await staging.remove();
}

/** The real path of `directory`, since a rename would replace a symlink instead of following it. */
function realTarget(directory: string): string {
  const path = resolve(directory);
  if (look(path) === undefined) return path;
  if (look(path)?.isDirectory || isDirectoryLink(path)) return Deno.realPathSync(path);
  throw new ArchiveError(
    `cannot unpack into ${JSON.stringify(directory)}: it must be a directory: it is not`,
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

/** Takes a staging directory for which nothing has to be cleaned up. */
export function unregistered(): Disposable {
  return { [Symbol.dispose]: () => {} };
}
