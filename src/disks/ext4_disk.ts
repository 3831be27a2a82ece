// Makes empty ext4 disks: one of each size by mke2fs, which is then copied from the cache.

import { cacheDir } from "../host/cache_dir.ts";
import { copySparse } from "../host/copy_sparse.ts";
import { runTool } from "../host/run_tool.ts";
import { writeAside } from "../host/write_aside.ts";
import { messageOf } from "../model/errors.ts";

/**
 * The upper directory of a run (src/workspace/workspace_layout.ts) and overlayfs's work directory.
 */
const FOLDERS = ["upper", "work"] as const;

/** Version of the way disks are made; incremented to invalidate those in caches. */
const FORMAT = 2;

/**
 * Makes an empty disk in the file `path`, sparse and with mode 0600.
 *
 * @throws {Error} if mke2fs is missing or fails.
 */
export async function makeExt4Disk(path: string, sizeMib: number): Promise<void> {
  const empty = `${cacheDir()}/disks/${sizeMib}-${FORMAT}.ext4`;
  const isThere = await Deno.stat(empty).then(() => true, () => false);
  const isKept = isThere || await writeAside(empty, (aside) => format(aside, sizeMib))
    .then(() => true, () => false);
  if (isKept) await copySparse(empty, path);
  else await format(path, sizeMib); // the cache is read-only or full, or this reports the error
}

/** Makes a file system whose files belong to root; does not require root. */
async function format(path: string, sizeMib: number): Promise<void> {
  try {
    await runTool([
      ...["mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-b", "4096"] as const,
      // Unused parts are not written now, nor later by the guest, which mounts with noinit_itable.
      ...["-E", "root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1"],
      ...["-O", "^resize_inode", "-J", `size=${journalMib(sizeMib)}`],
      ...[path, `${sizeMib}M`],
    ]);
    for (const folder of FOLDERS) await runTool(["debugfs", "-w", "-R", `mkdir ${folder}`, path]);
  } catch (error) {
    const isMissing = error instanceof Error && error.cause instanceof Deno.errors.NotFound;
    const advice = isMissing ? ": apt-get install e2fsprogs" : "";
    throw new Error(`cannot make a disk: ${messageOf(error)}${advice}`, { cause: error });
  }
}

/** The size of the journal; the kernel requires 1024 blocks (jbd2, JBD2_MIN_JOURNAL_BLOCKS). */
function journalMib(sizeMib: number): number {
  return sizeMib < 256 ? 4 : 16;
}
