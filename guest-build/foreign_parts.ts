// Fetches, once, the parts of a guest of another architecture, of which this host has none.

import { cacheDir } from "../src/host/cache_dir.ts";
import { runTool } from "../src/host/run_tool.ts";
import { scratchFolder } from "../src/host/scratch_folder.ts";
import { killWithUs } from "../src/host/watchdog.ts";
import { downloadPackage, findPackage, hasApt } from "../src/kernels/apt.ts";
import { aptFor } from "../src/kernels/foreign_apt.ts";
import type { KernelArch } from "../src/machine/architectures.ts";
import { messageOf } from "../src/model/errors.ts";
import { BUSYBOX_PACKAGE, busyboxIn } from "./busybox.ts";
import { ensureDeno } from "./npm_deno.ts";

/** The C library, what else Deno needs, and busybox: packages of Debian and Ubuntu. */
const PACKAGES = ["libc6", "libgcc-s1", BUSYBOX_PACKAGE] as const;

/** Paths of the parts for an architecture. */
export interface ForeignParts {
  readonly deno: string;
  /** A static busybox. */
  readonly busybox: string;
  /** A folder with the shared libraries that Deno needs, including its loader. */
  readonly libraries: string;
}

/**
 * Returns the parts for `arch` from the cache; missing ones are fetched from npm and with apt. Does
 * not need root, installs nothing, and does not change apt's configuration.
 *
 * @throws {Error} if a part cannot be fetched.
 */
export async function ensureForeignParts(
  arch: KernelArch,
  onProgress: (step: string) => void = () => {},
): Promise<ForeignParts> {
  const deno = await ensureDeno(arch, onProgress);
  const folder = `${cacheDir()}/guests/${arch}/packages`;
  if (!await isThere(folder)) {
    await fetchPackages(arch, folder, onProgress).catch((error) => {
      const fact = messageOf(error);
      throw new Error(`cannot make a guest of ${arch}: ${fact}`, { cause: error });
    });
  }
  return { deno, busybox: `${folder}/busybox`, libraries: `${folder}/lib` };
}

async function fetchPackages(
  arch: KernelArch,
  folder: string,
  onProgress: (step: string) => void,
): Promise<void> {
  if (!await hasApt()) throw new Error("there is no apt-get here to fetch its libraries");
  await using scratch = await scratchFolder();
  const root = `${scratch.path}/root`;
  const apt = await aptFor({ arch }, scratch.path, onProgress);
  for (const name of PACKAGES) {
    const wanted = await findPackage(name, apt);
    if (wanted === undefined) throw new Error(`apt knows no ${name} for it`);
    onProgress(`downloading ${name} ${wanted.version}`);
    const archive = await downloadPackage(wanted, scratch.path, apt);
    await runTool(["dpkg-deb", "--extract", archive, root]);
  }
  await keep(root, folder);
}

/**
 * Copies the files that are needed out of an unpacked root; the folder appears complete, or not at
 * all.
 */
async function keep(root: string, folder: string): Promise<void> {
  const made = `${folder}.${crypto.randomUUID()}`;
  using _cleanup = killWithUs({ path: made });
  await Deno.mkdir(`${made}/lib`, { recursive: true });
  try {
    await Deno.copyFile(await busyboxIn(root), `${made}/busybox`);
    for (const path of sharedLibraries(root)) {
      await Deno.copyFile(path, `${made}/lib/${path.slice(path.lastIndexOf("/") + 1)}`);
    }
    // Another process may have put the same there in the meantime.
    await Deno.rename(made, folder).catch(async (error) => {
      if (!await isThere(folder)) throw error;
    });
  } finally {
    await Deno.remove(made, { recursive: true }).catch(() => {}); // it has been renamed
  }
}

/**
 * Libraries in `/lib/TRIPLET`, or in newer releases `/usr/lib/TRIPLET`; never links, which may lead
 * out of the root.
 */
function* sharedLibraries(root: string): Generator<string> {
  for (const parent of [`${root}/lib`, `${root}/usr/lib`]) {
    const triplets = entriesOf(parent).filter(({ isDirectory }) => isDirectory);
    for (const folder of triplets.map(({ name }) => `${parent}/${name}`)) {
      const files = entriesOf(folder).filter(({ isFile, name }) => isFile && /\.so\b/.test(name));
      yield* files.map(({ name }) => `${folder}/${name}`);
    }
  }
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
