// What the demo leaves in the cache, so that the next run is faster: said in its last lines.

import { cacheDir } from "../../src/host/cache_dir.ts";

/** Folders of the cache that a run in a machine fills, and what is in them. */
const CONTENTS: Readonly<Record<string, string>> = {
  kernels: "the kernel and its modules",
  initrds: "what a machine boots from",
  templates: "booted machines that others are cloned from",
};

/** Bytes of a block of `stat` (inode(7), st_blocks). */
const BLOCK_BYTES = 512;

/** What there is in a cache of what the demo needs, where, how large, and how to remove it. */
export function describeKept(cache: string = cacheDir()): string {
  const kept = Object.entries(CONTENTS).flatMap(([name, content]) => {
    const mib = Math.ceil(bytesBelow(`${cache}/${name}`) / 2 ** 20);
    return mib === 0
      ? []
      : [{ path: `${cache}/${name}`, line: `  ${name}: ${mib} MiB, ${content}` }];
  });
  if (kept.length === 0) return `Nothing is kept in ${cache}.`;
  return [
    `Kept in ${cache} for the next run:`,
    ...kept.map(({ line }) => line),
    `To remove it: rm -r ${kept.map(({ path }) => path).join(" ")}`,
  ].join("\n");
}

/** Bytes on the disk: the memory of a template is mostly holes. */
function bytesBelow(path: string): number {
  try {
    const { isDirectory, blocks } = Deno.statSync(path);
    const own = (blocks ?? 0) * BLOCK_BYTES;
    if (!isDirectory) return own;
    const names = [...Deno.readDirSync(path)].map(({ name }) => name);
    return names.reduce((sum, name) => sum + bytesBelow(`${path}/${name}`), own);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
