// The program of this very execvm, as one file that can be copied to another computer.

import { hashProgram } from "../../guest-build/sources.ts";
import { cacheDir } from "../host/cache_dir.ts";
import { hashFile } from "../host/hash_file.ts";
import { keepNewest } from "../host/keep_newest.ts";
import { embedded } from "../self/embedded.ts";

/** Where this module is among its sources; in a bundle it has become a part of the program. */
const SOURCE = /\/src\/bundle\/own_program\.ts$/;

/** How many bundles are kept, the newest ones. */
const KEPT = 4;

/** A file, and what runs it. */
export interface OwnProgram {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** A script needs Deno. */
  readonly kind: "binary" | "script";
  /** The processor that a binary is for, as `uname -m` has it. */
  readonly processor: string;
}

let own: Promise<OwnProgram> | undefined;

/**
 * The program: the compiled binary or the script that runs now, or one that is made of these sources and
 * kept in the cache.
 *
 * @throws {Error} if there is none, as all of this is a part of another program.
 */
export async function ownProgram(): Promise<OwnProgram> {
  own ??= describe();
  const known = await own.catch(() => undefined);
  if (known !== undefined && await isFile(known.path)) return known; // nobody has tidied up the cache
  return await (own = describe());
}

async function describe(): Promise<OwnProgram> {
  const kind = Deno.build.standalone ? "binary" : "script";
  const path = await findFile();
  const [{ size: bytes }, sha256] = await Promise.all([Deno.stat(path), hashFile(path)]);
  return { path, bytes, sha256, kind, processor: Deno.build.arch };
}

async function findFile(): Promise<string> {
  const here = new URL(import.meta.url);
  if (SOURCE.test(here.pathname)) return await ensureScript();
  const isExecvm = embedded() !== undefined;
  if (isExecvm && Deno.build.standalone) return Deno.execPath();
  if (isExecvm && here.protocol === "file:") return decodeURIComponent(here.pathname);
  throw new Error(
    "Cannot copy execvm as it is a part of another program: say where one is over there",
  );
}

/** Making one takes seconds: it is made once for each state of the sources. */
async function ensureScript(): Promise<string> {
  const mains = ["../cli/app.ts", "../cli/commands/carry_mcp.ts"];
  const hash = await hashProgram(...mains.map((path) => new URL(path, import.meta.url)));
  const folder = `${cacheDir()}/bundles`;
  const path = `${folder}/${Deno.version.deno}-${hash}.js`;
  if (await isFile(path)) return path;
  const { makeQuickScript } = await import("./one_file.ts");
  await makeQuickScript(path);
  keepNewest(folder, /^\w.*\.js$/, KEPT);
  return path;
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
