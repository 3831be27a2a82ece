// Hashes the sources that an initrd is made of and by, to tell whether a cached one is up to date.

import { messageOf } from "../src/model/errors.ts";
import { createHash } from "node:crypto";
import { embedded } from "../src/self/embedded.ts";
import { readCachedModule } from "../src/self/deno_cache.ts";

/** The URL of all sources: a folder, or on a server. */
export const ROOT: URL = new URL("..", import.meta.url);

/** The main module of the guest. */
export const GUEST_MAIN: URL = new URL("src/guest/main.ts", ROOT);

/** The main module of the bundler. */
export const BUNDLER_MAIN: URL = new URL("guest-build/bundle_main.ts", ROOT);

/** The builder's main module, and the archive code that its blocks load lazily. */
const BUILDER_MAINS = [
  "guest-build/build_initrd.ts",
  "src/archive/gzip.ts",
  "src/archive/pack_tar.ts",
  "src/archive/tar_to_cpio.ts",
] as const;

/**
 * The folders that, besides the guest, decide the bytes of an initrd: only imports from these are
 * followed.
 */
const BUILDER = /\/(guest-build|src\/(archive|host))\//;

/** A static import of more than types. Lazy imports are not part of a guest. */
const IMPORT = /^(?:import|export)\s+(?!type\s)(?:[^"';]*?\sfrom\s+)?"(\.[^"]+)"/gm;

/** A lazy import. */
const LAZY_IMPORT = /\bimport\("(\.[^"]+)"\)/g;

const COMMENT = /^ *\/\*\*[^]*?\*\//gm;

let hash: Promise<string> | undefined;

/**
 * The sha256, in hex, of all sources of the guest and of the builder: cheaper than bundling them.
 */
export function hashSources(): Promise<string> {
  const carried = embedded();
  if (carried !== undefined) return Promise.resolve(carried.sourcesHash);
  hash ??= readAndHash(); // this process runs the sources as they were when it started
  return hash;
}

/**
 * The sha256, in hex, of modules with all their imports of ours, also lazy ones, and of the
 * bundler.
 */
export async function hashProgram(...mains: readonly URL[]): Promise<string> {
  const modules = new Map<string, string>();
  const following = { wanted: () => true, patterns: [IMPORT, LAZY_IMPORT] };
  for (const main of [BUNDLER_MAIN, ...mains]) await visit(main, modules, following);
  return hashModules(modules);
}

async function readAndHash(): Promise<string> {
  const modules = new Map<string, string>();
  await visit(GUEST_MAIN, modules, { wanted: () => true, patterns: [IMPORT] });
  const wanted = ({ pathname }: URL) => BUILDER.test(pathname);
  for (const main of [BUNDLER_MAIN, ...BUILDER_MAINS.map((path) => new URL(path, ROOT))]) {
    await visit(main, modules, { wanted, patterns: [IMPORT] });
  }
  return hashModules(modules);
}

function hashModules(modules: ReadonlyMap<string, string>): string {
  const sum = createHash("sha256");
  const texts = [...modules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  for (const text of texts) sum.update(`${text.length}\n${text}`);
  return sum.digest("hex");
}

/** Which imports to follow. */
interface Following {
  readonly wanted: (url: URL) => boolean;
  readonly patterns: readonly RegExp[];
}

async function visit(url: URL, modules: Map<string, string>, following: Following): Promise<void> {
  if (modules.has(url.href)) return;
  modules.set(url.href, ""); // marks it as visited
  const text = await readModule(url);
  modules.set(url.href, text);
  const code = text.replaceAll(COMMENT, ""); // comments may have examples
  const imports = following.patterns.flatMap((pattern) => [...code.matchAll(pattern)])
    .map(([, specifier]) => new URL(specifier!, url));
  await Promise.all(
    imports.filter(following.wanted).map((next) => visit(next, modules, following)),
  );
}

/** Reads the text of a module of ours as Deno sees it: for a URL, the version in its cache. */
export async function readModule(url: URL): Promise<string> {
  try {
    if (url.protocol === "file:") return await Deno.readTextFile(url);
    return readCachedModule(url) ?? await readRemote(url);
  } catch (error) {
    const fact = messageOf(error);
    throw new Error(`cannot read the source ${url}: ${fact}`, { cause: error });
  }
}

async function readRemote(url: URL): Promise<string> {
  const response = await fetch(url);
  if (response.ok) return await response.text();
  await response.body?.cancel();
  throw new Error(`the server answered ${response.status}`);
}
