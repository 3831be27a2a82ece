// Provides the running execvm as one file that can be copied to another host.

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { hashProgram } from "../../guest-build/sources.ts";
import { cacheDir } from "../host/cache_dir.ts";
import { hashFile } from "../host/hash_file.ts";
import { keepNewest } from "../host/keep_newest.ts";
import { writeAside } from "../host/write_aside.ts";
import { ownForm, readOwnModule } from "../self/own_form.ts";

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
  const kind = ownForm() === "binary" ? "binary" : "script";
  const path = await findFile();
  const [{ size: bytes }, sha256] = await Promise.all([Deno.stat(path), hashFile(path)]);
  return { path, bytes, sha256, kind, processor: Deno.build.arch };
}

async function findFile(): Promise<string> {
  switch (ownForm()) {
    case "binary":
      return Deno.execPath();
    case "sources":
      return await ensureScript();
    case "script":
      return fileURLToPath(import.meta.url);
    case "module":
      return await moduleFile(new URL(import.meta.url));
  }
  throw new Error(
    "cannot copy execvm: it is a part of another program: set the path of an execvm on the remote host",
  );
}

/** Returns the path of the bundled module; one of a server is copied into the cache. */
async function moduleFile(here: URL): Promise<string> {
  if (here.protocol === "file:") return fileURLToPath(here);
  const text = readOwnModule()!; // ownForm() has read it before
  const hash = createHash("sha256").update(text).digest("hex");
  return await keepScript(
    hash,
    (path) => writeAside(path, async (aside) => await Deno.writeTextFile(aside, text)),
  );
}

/** Bundles the sources, which takes seconds, once for each state of them. */
async function ensureScript(): Promise<string> {
  const mains = ["../cli/app.ts", "../cli/commands/carry_mcp.ts"];
  const hash = await hashProgram(...mains.map((path) => new URL(path, import.meta.url)));
  return await keepScript(hash, async (path) => {
    const { makeQuickScript } = await import("./one_file.ts");
    await makeQuickScript(path);
  });
}

/** Returns the path of a script in the cache; `make` writes it if it is missing. */
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
