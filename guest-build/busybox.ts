// Finds or fetches a static busybox: the shell that starts the guest, and the commands of a guest
// without a root.

import { cacheDir, findCacheDir } from "../src/host/cache_dir.ts";
import { toolSearchPath } from "../src/host/program_path.ts";
import { runTool } from "../src/host/run_tool.ts";
import { scratchFolder } from "../src/host/scratch_folder.ts";
import { writeAside } from "../src/host/write_aside.ts";
import { downloadPackage, findPackage, hasApt } from "../src/kernels/apt.ts";
import type { Progress } from "../src/kernels/package.ts";
import { messageOf } from "../src/model/errors.ts";
import { readElf } from "./elf.ts";

/** Debian's and Ubuntu's package of a static busybox. */
export const BUSYBOX_PACKAGE = "busybox-static";

/** What to do when there is none. */
export const BUSYBOX_ADVICE = "as root, run: apt-get install busybox-static";

/** Finds a static busybox on this host or in the cache; returns its path, or undefined. */
export async function findBusybox(
  folders: readonly string[] = foldersOfPath(),
): Promise<string | undefined> {
  const paths = ["/bin", ...folders].map((folder) => `${folder}/busybox`);
  const cached = findCacheDir() === undefined ? [] : [cachedBusybox()];
  return await firstStatic([...paths, ...cached]);
}

/**
 * Returns the path of a static busybox: of this host, of the cache, or else Debian's, which is
 * downloaded into the cache and not installed. Does not need root.
 *
 * @throws {Error} if there is none and it cannot be downloaded.
 */
export async function ensureBusybox(onProgress: Progress = () => {}): Promise<string> {
  return await findBusybox() ?? await fetchBusybox(onProgress);
}

/** Downloads Debian's or Ubuntu's busybox-static into the cache. @throws {Error} if that fails. */
export async function fetchBusybox(onProgress: Progress = () => {}): Promise<string> {
  try {
    return await fromPackage(onProgress);
  } catch (error) {
    const fact = messageOf(error);
    throw new Error(`cannot find a static busybox: ${fact}; ${BUSYBOX_ADVICE}`, { cause: error });
  }
}

/** The first of these paths that is a static program; undefined if none is. */
export async function firstStatic(paths: readonly string[]): Promise<string | undefined> {
  for (const path of new Set(paths)) {
    if (await readElf(path).catch(() => "none") === "static") return path;
  }
  return undefined;
}

/** Lists the names of a busybox's commands; it must run on this host. */
export async function appletsOf(busybox: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(busybox, { args: ["--list"] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((name) => name !== "");
}

async function fromPackage(onProgress: Progress): Promise<string> {
  if (!await hasApt()) throw new Error("none is in PATH and there is no apt-get to fetch it");
  const wanted = await findPackage(BUSYBOX_PACKAGE);
  if (wanted === undefined) {
    throw new Error(
      `none is in PATH and apt knows no ${BUSYBOX_PACKAGE}: apt-get update may be due`,
    );
  }
  onProgress(`downloading ${BUSYBOX_PACKAGE} ${wanted.version}`);
  await using folder = await scratchFolder();
  const archive = await downloadPackage(wanted, folder.path);
  const root = `${folder.path}/root`;
  await runTool(["dpkg-deb", "--extract", archive, root]);
  const found = await busyboxIn(root);
  await writeAside(cachedBusybox(), async (aside) => {
    await Deno.copyFile(found, aside);
    await Deno.chmod(aside, 0o755);
  });
  return cachedBusybox();
}

/** Finds the busybox of an unpacked package. @throws {Error} if there is no static one. */
export async function busyboxIn(root: string): Promise<string> {
  const found = await firstStatic([`${root}/bin/busybox`, `${root}/usr/bin/busybox`]);
  if (found !== undefined) return found;
  throw new Error(`${BUSYBOX_PACKAGE} has no static busybox`);
}

function cachedBusybox(): string {
  return `${cacheDir()}/busybox/busybox`;
}

function foldersOfPath(): string[] {
  return toolSearchPath().split(":").filter((folder) => folder.startsWith("/"));
}
