// Empty ext4 disks: made once a size, by mke2fs, and copied from then on.

import { cacheDir } from "../host/cache_dir.ts";
import { copySparse } from "../host/copy_sparse.ts";
import { runTool } from "../host/run_tool.ts";
import { writeAside } from "../host/write_aside.ts";
import { messageOf } from "../model/errors.ts";

/** What a run writes (src/workspace/workspace_layout.ts), and the folder that overlayfs works in. */
const FOLDERS = ["upper", "work"] as const;

/** Changes with how disks are made, so that older ones are not taken for new ones. */
const FORMAT = 2;

/** Less than that has no room for a journal. */
const MIN_MIB = 8;

/** The most that a file of the host's file system can be taken to hold. */
const MAX_MIB = 2 ** 24;

/** What the size of a disk may be, in MiB. */
export const DISK_RANGE = { least: MIN_MIB, most: MAX_MIB } as const;

/**
 * Makes the file `path` an empty disk of that size, which takes next to nothing of the host's; only
 * we may read it.
 *
 * @throws {Error} if mke2fs is missing or fails.
 */
export async function makeExt4Disk(path: string, sizeMib: number): Promise<void> {
  const empty = `${cacheDir()}/disks/${sizeMib}-${FORMAT}.ext4`;
  const isThere = await Deno.stat(empty).then(() => true, () => false);
  const isKept = isThere || await writeAside(empty, (aside) => format(aside, sizeMib))
    .then(() => true, () => false);
  if (isKept) await copySparse(empty, path);
  else await format(path, sizeMib); // the cache is read-only, or full; or this says what is wrong
}

/** Nobody needs to be root for it. What is on it belongs to root all the same. */
async function format(path: string, sizeMib: number): Promise<void> {
  try {
    await runTool([
      ...["mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-b", "4096"] as const,
      // What is not used is not written; the guest is not to make up for that (noinit_itable).
      ...["-E", "root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1"],
      ...["-O", "^resize_inode", "-J", `size=${journalMib(sizeMib)}`],
      ...[path, `${sizeMib}M`],
    ]);
    for (const folder of FOLDERS) await runTool(["debugfs", "-w", "-R", `mkdir ${folder}`, path]);
  } catch (error) {
    const isMissing = error instanceof Error && error.cause instanceof Deno.errors.NotFound;
    const advice = isMissing ? ": apt-get install e2fsprogs" : "";
    throw new Error(`Cannot make a disk as ${messageOf(error)}${advice}`, { cause: error });
  }
}

/** The kernel wants 1024 blocks at the least (jbd2, JBD2_MIN_JOURNAL_BLOCKS). */
function journalMib(sizeMib: number): number {
  return sizeMib < 256 ? 4 : 16;
}
