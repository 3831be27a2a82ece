// A denort, Deno's runtime for compiled programs, for tests: npm has none by itself, but a program that is there
// was compiled, and begins with one.

import { unpackPackage } from "../../guest-build/npm_package.ts";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { hashFile } from "../../src/host/hash_file.ts";
import { scratchFolder } from "../../src/host/scratch_folder.ts";
import { writeAside } from "../../src/host/write_aside.ts";
import type { KernelArch } from "../../src/machine/architectures.ts";

/** The Deno that they are of, which alone can compile with them. */
export const DENORT_VERSION = "2.7.11";

/** A program that this Deno compiled, in a version of a package: how much of it is denort, as it was, and its hash. */
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

/** The path of one in the cache; it is fetched if it is not there. @throws {Error} if it cannot be had. */
export async function ensureDenort(arch: KernelArch): Promise<string> {
  const path = `${cacheDir()}/denort/${DENORT_VERSION}-${arch}`;
  if (await Deno.stat(path).then(() => true, () => false)) return path;
  const { name, bytes, sha256 } = COMPILED[arch];
  await using folder = await scratchFolder();
  await unpackPackage(name, VERSION, `${folder.path}/root`);
  const program = `${folder.path}/root/${PROGRAM}`;
  await Deno.truncate(program, bytes);
  const found = await hashFile(program);
  if (found !== sha256) throw new Error(`Cannot use ${PROGRAM} of ${name}: its sha256 is ${found}`);
  await writeAside(path, (aside) => Deno.copyFile(program, aside));
  return path;
}
