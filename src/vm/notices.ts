// Prints notices on stderr that are not errors: that machines are slow, and why.

import { cacheDir, findCacheDir } from "../host/cache_dir.ts";
import { writeStderr } from "../host/stderr_tail.ts";
import { replaceFile } from "../host/write_aside.ts";

/** How long a notice is not repeated. */
const DAY_MS = 24 * 60 * 60 * 1000;

const told = new Set<string>();
let isSilent = false;

/** Silences all further notices: stderr goes to another host, or was asked to be quiet. */
export function tellNothing(): void {
  isSilent = true;
}

/** Prints a line on stderr, once per process. */
export function tellOnce(line: string): void {
  if (isSilent || told.has(line)) return;
  told.add(line);
  void writeStderr(new TextEncoder().encode(`${line}\n`));
}

/**
 * Prints a line on stderr once per process, and, for all processes that share a cache, once a day
 * unless it has changed. With a read-only cache that has a record of the line, it is not printed
 * again.
 *
 * @param subject names the notice; also its file name in the cache
 * @param now milliseconds since 1970
 */
export function tellDaily(subject: string, line: string, now: number = Date.now()): void {
  if (isSilent || told.has(subject)) return;
  told.add(subject);
  if (isNew(subject, line, now)) tellOnce(line);
}

/** Whether the notice should be printed; records it in the cache, if that is writable. */
export function isNew(subject: string, line: string, now: number): boolean {
  if (findCacheDir() === undefined) return true;
  const path = `${cacheDir()}/notices/${subject}`;
  const known = read(path);
  const age = now - (known?.atMs ?? NaN);
  if (known?.line === line && age >= 0 && age < DAY_MS) return false;
  try {
    Deno.mkdirSync(`${cacheDir()}/notices`, { recursive: true });
    replaceFile(path, JSON.stringify({ line, atMs: now }));
    return true;
  } catch {
    return known?.line !== line;
  }
}

function read(path: string): { readonly line?: string; readonly atMs?: number } | undefined {
  try {
    const { line, atMs } = Object(JSON.parse(Deno.readTextFileSync(path)));
    return { line, atMs };
  } catch {
    return undefined; // not printed yet, or the file is not one of ours
  }
}
