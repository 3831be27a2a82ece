/** Moves a staged tree to its place: as a whole, or merged into a directory that is there. */
import { ArchiveError } from "./archive_error.ts";
import { type DirectoryStamp, look, type StagedTree } from "./staged_tree.ts";
import { toDate } from "./write_content.ts";

/**
 * Makes `target` hold what `staging` holds; on return `staging` is gone or holds leftovers only.
 *
 * Where `target` is not there, one rename makes it appear whole. Else all conflicts are looked for
 * before the first of the renames, each of which replaces one file or adds one file or tree.
 *
 * @throws {ArchiveError} if a file would replace a directory, or a directory something else
 */
export function publishTree(tree: StagedTree, staging: string, target: string): void {
  if (look(target) === undefined) {
    const own = { mode: 0o777 & ~Deno.umask(), mtime: Date.now() / 1000 };
    stampDirectories(staging, new Map([["", own], ...tree.stamps]));
    Deno.renameSync(staging, target);
    return;
  }
  const moves = [...plannedMoves(staging, target, "")];
  for (const path of moves) Deno.renameSync(`${staging}/${path}`, `${target}/${path}`);
  stampDirectories(target, tree.stamps);
}

/** The paths to be renamed: the topmost ones that `target` lacks, and files that it has. */
function* plannedMoves(staging: string, target: string, prefix: string): Generator<string> {
  for (const { name } of Deno.readDirSync(`${staging}/${prefix}`)) {
    const path = prefix + name;
    const isDirectory = Deno.lstatSync(`${staging}/${path}`).isDirectory;
    const existing = look(`${target}/${path}`);
    if (existing !== undefined && existing.isDirectory !== isDirectory) {
      throw new ArchiveError(
        `Cannot unpack ${JSON.stringify(path)} as only files may replace files: ` +
          (isDirectory ? "it is a directory, and is in the way of one" : "a directory is there"),
      );
    }
    if (existing?.isDirectory) yield* plannedMoves(staging, target, `${path}/`);
    else yield path;
  }
}

/** Sets modes and mtimes, deepest first, since a parent's mode may close the way to the rest. */
function stampDirectories(root: string, stamps: ReadonlyMap<string, DirectoryStamp>): void {
  const depth = (path: string) => path === "" ? 0 : path.split("/").length;
  const deepestFirst = [...stamps].sort(([a], [b]) => depth(b) - depth(a));
  for (const [path, { mode, mtime }] of deepestFirst) {
    const at = path === "" ? root : `${root}/${path}`;
    Deno.utimeSync(at, toDate(mtime), toDate(mtime));
    Deno.chmodSync(at, mode);
  }
}
