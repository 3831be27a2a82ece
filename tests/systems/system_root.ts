// Provides a Debian of another release with all that the tests need: built once a week, cached,
// never modified.

import { existsSync } from "node:fs";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { cmd } from "../../mod.ts";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { killWithUs } from "../../src/host/watchdog.ts";
import { type DebianRoot, makeDebian, spawnIn } from "../harness/debian_root.ts";
import { show } from "../harness/show.ts";

export const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Paths in a root. */
export const CLONE = "/root/execvm";
const DENO = "/usr/local/bin/deno";

/** Testing and unstable change, so a root is rebuilt after this time. */
const MAX_AGE_MS = 7 * 24 * 3_600_000;

/** How many roots are kept; each takes about 1.5 GB. */
const MAX_ROOTS = 3;

/** Chromium is left out: it is only for a test of reports, which do not depend on the system. */
const WITHOUT = ["--without", "chromium"];

/** A root for a run. Disposing it discards the changes of the run. */
export interface SystemRoot extends DebianRoot, AsyncDisposable {
  /** The folder that is its /tmp. */
  readonly tmp: string;
}

/**
 * Makes a root of a release with a copy of this checkout. Requires root on a Debian.
 *
 * @throws {Error} if that fails.
 */
export async function openSystem(suite: string): Promise<SystemRoot> {
  const lower = await cachedRoot(suite);
  return await layOver(lower);
}

async function cachedRoot(suite: string): Promise<string> {
  const folder = `${cacheDir()}/systems`;
  const setup = ["setup.ts", "support/tools.ts"].map((name) =>
    Deno.readTextFileSync(`${CHECKOUT}/tests/${name}`)
  );
  const key = createHash("sha256").update(setup.join()).digest("hex").slice(0, 12);
  const path = `${folder}/${suite}-${key}`;
  await Deno.mkdir(folder, { recursive: true });
  if (existsSync(path) && Date.now() - ageOf(path) < MAX_AGE_MS) return path;
  show(`making a root of ${suite}`);
  await removeTree(path);
  const aside = await Deno.makeTempDir({ dir: folder, prefix: ".new-" });
  using _cleanup = killWithUs({ path: aside });
  try {
    await makeDebian(aside, { suite, variant: "minbase" });
    await setUp(aside);
    await Deno.rename(aside, path);
  } catch (error) {
    await removeTree(aside);
    throw error;
  }
  const others = [...Deno.readDirSync(folder)].filter(({ name }) => !name.startsWith("."))
    .map(({ name }) => `${folder}/${name}`).sort((a, b) => ageOf(b) - ageOf(a));
  for (const old of others.slice(MAX_ROOTS)) await removeTree(old);
  return path;
}

/** Runs the tests' set-up in it. */
async function setUp(lower: string): Promise<void> {
  await using root = await layOver(lower, { isChanged: true });
  const script = ["deno", "run", "-A", "tests/setup.ts", ...WITHOUT];
  const { success } = await spawnIn(root, CLONE, script).status;
  if (!success) throw new Error("cannot make the root: tests/setup.ts failed in it");
}

/** Returns the root with an empty overlay, or without one, so that it is changed itself. */
async function layOver(lower: string, { isChanged = false } = {}): Promise<SystemRoot> {
  const base = await Deno.makeTempDir({ prefix: "execvm-system-" });
  const cleanup = killWithUs({ path: base });
  const [path, upper, work, tmp, copy] = ["root", "upper", "work", "tmp", "checkout"]
    .map((name) => `${base}/${name}`) as [string, string, string, string, string];
  for (const folder of [path, upper, work, tmp]) await Deno.mkdir(folder);
  await Deno.chmod(tmp, 0o1777);
  await cmd("cp", "-a", CHECKOUT, copy).run();
  const overlay = { lower, upper, work };
  const root = isChanged
    ? { path: lower }
    : await canOverlay(path, overlay)
    ? { path, overlay }
    : await copied(lower, path);
  const written = "overlay" in root ? upper : root.path;
  await Deno.mkdir(`${written}${CLONE}`, { recursive: true });
  await Deno.mkdir(`${written}/usr/local/bin`, { recursive: true });
  await Deno.writeFile(`${written}${DENO}`, new Uint8Array(), { mode: 0o755 });
  return {
    ...root,
    // Docker's engine and files of tests do not work on an overlay.
    binds: { "/tmp": tmp, [CLONE]: copy, [DENO]: Deno.execPath() },
    tmp,
    async [Symbol.asyncDispose]() {
      await removeTree(base);
      cleanup[Symbol.dispose]();
    },
  };
}

/** Whether an overlay can be mounted, which fails if the folders are on an overlay themselves. */
async function canOverlay(
  path: string,
  { lower, upper, work }: NonNullable<DebianRoot["overlay"]>,
): Promise<boolean> {
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const mount = ["mount", "-t", "overlay", "overlay", "-o", layers, path];
  const { success } = await new Deno.Command("unshare", {
    args: ["--mount", ...mount],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

async function copied(lower: string, path: string): Promise<DebianRoot> {
  await cmd("cp", "-a", `${lower}/.`, path).run();
  return { path };
}

function ageOf(path: string): number {
  return Deno.statSync(path).mtime?.getTime() ?? 0;
}

async function removeTree(path: string): Promise<void> {
  await cmd("rm", "-rf", "--one-file-system", path).run();
}
