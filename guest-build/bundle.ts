// Makes one script of modules of ours, by esbuild, which comes from npm as its settings have it.

import { denoError } from "../src/host/deno_error.ts";
import { scratchFolder } from "../src/host/scratch_folder.ts";
import { runDeno } from "./run_deno.ts";
import { BUNDLER_MAIN, ROOT } from "./sources.ts";

/** What is to be bundled. */
export interface BundleJob {
  /** URL of one of our modules, or path of a module that imports such by their URLs. */
  readonly entry: string;
  readonly minify: boolean;
  /** A folder whose `node_modules` has the packages that are imported; without, there may be none. */
  readonly packages?: string;
}

const LOCK = new URL("deno.lock", ROOT);

const IS_LOCAL = ROOT.protocol === "file:";

/** A script made of them. @throws {Error} if it cannot be made. */
export async function bundle(deno: string, job: BundleJob): Promise<string> {
  await using folder = await scratchFolder();
  const lock = await writeLock(folder.path) ? `--lock=${folder.path}/deno.lock` : "--no-lock";
  const flags = ["-A", "--quiet", "--no-check", "--no-config", "--node-modules-dir=none", lock];
  const run = await runDeno(deno, ["run", ...flags, BUNDLER_MAIN.href, JSON.stringify(job)]);
  if (run.success) return run.stdout;
  throw new Error(denoError(run.stderr));
}

/** Writes the part of our lock that is esbuild's, as Deno fetches all that is in one; false if there is none. */
async function writeLock(folder: string): Promise<boolean> {
  const text = await readLock();
  if (text === undefined) return false;
  const { version, specifiers, npm } = parseLock(text);
  const pick = (all: object) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => /^(npm:)?@?esbuild[@/]/.test(key)));
  const part = { version, specifiers: pick(specifiers), npm: pick(npm) };
  await Deno.writeTextFile(`${folder}/deno.lock`, JSON.stringify(part));
  return true;
}

function parseLock(text: string): Record<"version" | "specifiers" | "npm", object> {
  try {
    const { version, specifiers, npm } = JSON.parse(text);
    if (typeof specifiers === "object" && typeof npm === "object") {
      return { version, specifiers, npm };
    }
  } catch {
    // said below
  }
  throw new Error(
    `cannot read ${LOCK.pathname}: it is damaged, git checkout deno.lock restores it`,
  );
}

/** What a checkout has, and what is imported by URL has not. */
async function readLock(): Promise<string | undefined> {
  return IS_LOCAL ? await Deno.readTextFile(LOCK).catch(() => undefined) : undefined;
}

/**
 * Puts the packages that a module in `folder` imports, and what it imports does, into `node_modules` there:
 * of the versions in the lock, where there is one.
 *
 * @throws {Error} if they cannot be had.
 */
export async function installPackages(deno: string, folder: string, entry: string): Promise<void> {
  const config = `${folder}/deno.json`;
  const lock = await readLock();
  await Deno.writeTextFile(config, JSON.stringify({ nodeModulesDir: "auto" }));
  if (lock !== undefined) await Deno.writeTextFile(`${folder}/deno.lock`, lock);
  const allow = IS_LOCAL ? [] : [`--allow-import=${ROOT.host}`];
  const args = ["install", "--quiet", "--config", config, ...allow, "--entrypoint", entry];
  const run = await runDeno(deno, args, { cwd: folder });
  if (!run.success) throw new Error(denoError(run.stderr));
}
