// Provides denort, Deno's runtime for compiled programs, for tests. npm has no package of it, but
// has a compiled program, which starts with one.

import { unpackPackage } from "../../guest-build/npm_package.ts";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { hashFile } from "../../src/host/hash_file.ts";
import { scratchFolder } from "../../src/host/scratch_folder.ts";
import { writeAside } from "../../src/host/write_aside.ts";
import type { KernelArch } from "../../src/machine/architectures.ts";

/** The version of Deno that they belong to; only that one can compile with them. */
export const DENORT_VERSION = "2.7.11";

/**
 * A program in an npm package that this Deno compiled: the size of its denort, and the hash of
 * that.
 */
interface Compiled {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const VERSION = "0.22.2";
const PROGRAM = "package/bin/steady";

const COMPILED: Readonly<Record<KernelArch, Compiled>> = {
  x86_64: {
    name: "@stdy/cli-linux-x64",
    bytes: 97_076_048,
    sha256: "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6",
  },
  aarch64: {
    name: "@stdy/cli-linux-arm64",
    bytes: 90_596_104,
    sha256: "9c888d915647ff971a497acd39ee45ea63da5f19d12d4363124942c257c055ef",
  },
};

/**
 * Returns the path of a denort in the cache, fetching it if needed.
 *
 * @throws {Error} if that fails.
 */
export async function ensureDenort(arch: KernelArch): Promise<string> {
  const path = `${cacheDir()}/denort/${DENORT_VERSION}-${arch}`;
  if (await Deno.stat(path).then(() => true, () => false)) return path;
  const { name, bytes, sha256 } = COMPILED[arch];
  await using folder = await scratchFolder();
  await unpackPackage(name, VERSION, `${folder.path}/root`);
  const program = `${folder.path}/root/${PROGRAM}`;
  await Deno.truncate(program, bytes);
  const found = await hashFile(program);
  if (found !== sha256) throw new Error(`cannot use ${PROGRAM} of ${name}: its sha256 is ${found}`);
  await writeAside(path, (aside) => Deno.copyFile(program, aside));
  return path;
}
