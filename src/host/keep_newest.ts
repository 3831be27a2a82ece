// Limits the number of files in a cache folder.

/** Removes the files of a folder whose name matches, except the `count` newest by mtime. */
export function keepNewest(folder: string, name: RegExp, count: number): void {
  const found = [...Deno.readDirSync(folder)].filter((entry) => name.test(entry.name))
    .map((entry) => `${folder}/${entry.name}`)
    .map((path) => ({ path, mtimeMs: mtimeOf(path) }))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  for (const { path } of found.slice(count)) remove(path);
}

function mtimeOf(path: string): number {
  try {
    return Deno.statSync(path).mtime?.getTime() ?? 0;
  } catch {
    return 0; // another process has removed it
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // another process has removed it
  }
}
