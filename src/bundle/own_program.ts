// Provides the running execvm as one file that can be copied to another host.

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { hashProgram, readModule } from "../../guest-build/sources.ts";
import { cacheDir } from "../host/cache_dir.ts";
import { hashFile } from "../host/hash_file.ts";
import { keepNewest } from "../host/keep_newest.ts";
import { writeAside } from "../host/write_aside.ts";
import { embedded } from "../self/embedded.ts";
import { VERSION } from "../self/version.ts";

/** The path of this module in the sources; it differs in a bundle. */
const SOURCE = /\/src\/bundle\/own_program\.ts$/;

/** How a module begins that is all of execvm, and where its types are; what others make of one does not. */
export const MODULE_HEAD = `// @ts-self-types="./mod.d.ts"
// execvm ${VERSION}: a module, and the command line where it is the main one.
`;

/** How many bundles are kept, the newest ones. */
const KEPT = 4;

/** The file, and how to run it. */
export interface OwnProgram {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** A script needs Deno. */
  readonly kind: "binary" | "script";
  /** The processor that a binary is for, as `uname -m` prints it. */
  readonly processor: string;
}

let own: Promise<OwnProgram> | undefined;

/**
 * Returns the program: the compiled binary or the script that is running, or one that is made of
 * these sources and kept in the cache.
 *
 * @throws {Error} if there is none, as this module is bundled into another program.
 */
export async function ownProgram(): Promise<OwnProgram> {
  own ??= describe();
  const known = await own.catch(() => undefined);
  if (known !== undefined && await isFile(known.path)) return known; // else the cache was cleared
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
  const form = embedded()?.form;
  if (form === "program" && Deno.build.standalone) return Deno.execPath();
  if (form === "program" && here.protocol === "file:") return fileURLToPath(here);
  const module = form === "module" ? await findModule(here) : undefined;
  if (module !== undefined) return module;
  throw new Error(
    "cannot copy execvm: it is a part of another program: set the path of an execvm on the remote host",
  );
}

/** A file with the module that this is a part of, which may be from a server; undefined if that is not ours. */
async function findModule(here: URL): Promise<string | undefined> {
  const text = Deno.build.standalone ? "" : await readModule(here);
  if (!text.startsWith(MODULE_HEAD)) return undefined;
  if (here.protocol === "file:") return fileURLToPath(here);
  const hash = createHash("sha256").update(text).digest("hex");
  return await keepScript(
    hash,
    (path) => writeAside(path, async (aside) => await Deno.writeTextFile(aside, text)),
  );
}

/** Making one takes seconds: it is made once for each state of the sources. */
async function ensureScript(): Promise<string> {
  const mains = ["../cli/app.ts", "../cli/commands/carry_mcp.ts"];
  const hash = await hashProgram(...mains.map((path) => new URL(path, import.meta.url)));
  return await keepScript(hash, async (path) => {
    const { makeQuickScript } = await import("./one_file.ts");
    await makeQuickScript(path);
  });
}

/** The path of a script of that name in the cache, which `make` writes if it is not there. */
async function keepScript(hash: string, make: (path: string) => Promise<void>): Promise<string> {
  const folder = `${cacheDir()}/bundles`;
  const path = `${folder}/${Deno.version.deno}-${hash}.js`;
  if (await isFile(path)) return path;
  await make(path);
  keepNewest(folder, /^\w.*\.js$/, KEPT);
  return path;
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
