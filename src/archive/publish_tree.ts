/** Moves a staged tree to its target: as a whole, or merged into an existing directory. */
import { ArchiveError } from "./archive_error.ts";
import { Column } from "./held_pages.ts";
import { ROOT } from "./name_tree.ts";
import { type DirectoryStamp, look, type StagedTree } from "./staged_tree.ts";
import { toDate } from "./write_content.ts";

/**
 * Moves the content of `staging` to `target`; afterwards `staging` is gone or contains leftovers
 * only.
 *
 * If `target` does not exist, a single rename makes it appear whole. Else all conflicts are
 * detected before the first of the renames, each of which replaces one file or adds one file or
 * tree.
 *
 * @throws {ArchiveError} if a file would replace a directory, or a directory anything else
 */
export function publishTree(tree: StagedTree, staging: string, target: string): void {
  if (look(target) === undefined) {
    stampDirectories(tree, staging);
    if (tree.stamp(ROOT) === undefined) {
      stamp(staging, { mode: 0o777 & ~Deno.umask(), mtime: Date.now() / 1000 });
    }
    Deno.renameSync(staging, target);
    return;
  }
  // A target that was created in the meantime, by another call, is rare: compare on the disk then.
  const moves = tree.keepsFiles ? keptMoves(tree, target) : [...plannedMoves(staging, target, "")];
  for (const path of moves) Deno.renameSync(`${staging}/${path}`, `${target}/${path}`);
  stampDirectories(tree, target);
}

/** Marks of names: to be renamed, or moved together with its folder. */
const MOVES = 1;
const COMES_ALONG = 2;

/** As `plannedMoves`, using the names that were kept. Detects all conflicts before it returns. */
function keptMoves(tree: StagedTree, target: string): Iterable<string> {
  const marks = new Column((items) => new Uint8Array(items));
  for (let id = 1; id < tree.size; id++) {
    if (marks.get(tree.parent(id)) !== 0) marks.set(id, COMES_ALONG);
    else if (mustMove(target, tree.path(id), tree.isFolder(id))) marks.set(id, MOVES);
  }
  return markedPaths(tree, marks);
}

function* markedPaths(tree: StagedTree, marks: Column): Generator<string> {
  for (let id = 1; id < tree.size; id++) if (marks.get(id) === MOVES) yield tree.path(id);
}

/** The paths to rename: the topmost ones that `target` lacks, and files that it has. */
function* plannedMoves(staging: string, target: string, prefix: string): Generator<string> {
  for (const { name } of Deno.readDirSync(`${staging}/${prefix}`)) {
    const path = prefix + name;
    const isFolder = Deno.lstatSync(`${staging}/${path}`).isDirectory;
    if (mustMove(target, path, isFolder)) yield path;
    else yield* plannedMoves(staging, target, `${path}/`);
  }
}

/**
 * Whether to rename `path` itself into `target`; else both are folders, and its content is moved.
 */
function mustMove(target: string, path: string, isFolder: boolean): boolean {
  const existing = look(`${target}/${path}`);
  if (existing !== undefined && existing.isDirectory !== isFolder) {
    throw new ArchiveError(
      `cannot unpack ${JSON.stringify(path)}: only files may replace files: ` +
        (isFolder ? "it is a directory and the existing one is not" : "a directory exists there"),
    );
  }
  return existing === undefined || !isFolder;
}

/** Sets modes and mtimes, children first, since the mode of a folder may forbid access to them. */
function stampDirectories(tree: StagedTree, root: string): void {
  for (let id = tree.size - 1; id >= ROOT; id--) {
    const said = tree.stamp(id);
    if (said !== undefined) stamp(id === ROOT ? root : `${root}/${tree.path(id)}`, said);
  }
}

function stamp(path: string, { mode, mtime }: DirectoryStamp): void {
  Deno.utimeSync(path, toDate(mtime), toDate(mtime));
  Deno.chmodSync(path, mode);
}
