// Makes caches without templates, for tests that build some.

import { cacheDir } from "../../src/host/cache_dir.ts";
import { ownCache } from "../kernels/fixture.ts";

/** A cache for tests. Disposing it removes it. */
export interface TemplateCache extends Disposable {
  readonly path: string;
}

/** Makes a cache with our kernels and initrds, which this process uses until it is disposed. */
export function templateCache(): TemplateCache {
  const before = cacheDir();
  const cache = ownCache();
  for (const name of ["kernels", "initrds"]) {
    Deno.mkdirSync(`${before}/${name}`, { recursive: true });
    Deno.symlinkSync(`${before}/${name}`, `${cache.path}/${name}`);
  }
  return cache;
}
