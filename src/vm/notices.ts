// What whoever runs machines is told on stderr, and no error: that they are slow, and why.

import { cacheDir, findCacheDir } from "../host/cache_dir.ts";
import { writeStderr } from "../host/stderr_tail.ts";
import { replaceFile } from "../host/write_aside.ts";

/** How long a notice is not told again. */
const DAY_MS = 24 * 60 * 60 * 1000;

const told = new Set<string>();
let isSilent = false;

/** Has nothing be told from now on: stderr is for somebody on another machine, or is to be quiet. */
export function tellNothing(): void {
  isSilent = true;
}

/** Says a line on stderr, once a process. */
export function tellOnce(line: string): void {
  if (isSilent || told.has(line)) return;
  told.add(line);
  void writeStderr(new TextEncoder().encode(`${line}\n`));
}

/**
 * Says a line on stderr once a process, and once a day for those that have the same cache, unless it has changed
 * meanwhile. A cache that is read-only has been told of once, if it has been told of at all.
 *
 * @param subject what it is about: the one thing of a process and a cache @param now milliseconds since 1970
 */
export function tellDaily(subject: string, line: string, now: number = Date.now()): void {
  if (isSilent || told.has(subject)) return;
  told.add(subject);
  if (isNew(subject, line, now)) tellOnce(line);
}

/** Whether it is to be told, which is then remembered where it can be. */
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
    return undefined; // it has not been told, or others have written anything there
  }
}
