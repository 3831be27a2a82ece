// A cache without templates, for tests that make some.

import { cacheDir } from "../../src/host/cache_dir.ts";
import { ownCache } from "../kernels/fixture.ts";

/** A cache for tests; it is removed when disposed. */
export interface TemplateCache extends Disposable {
  readonly path: string;
}

/** A new cache with the kernels and initrds of ours, which is that of this process until it is disposed. */
export function templateCache(): TemplateCache {
  const before = cacheDir();
  const cache = ownCache();
  for (const name of ["kernels", "initrds"]) {
    Deno.mkdirSync(`${before}/${name}`, { recursive: true });
    Deno.symlinkSync(`${before}/${name}`, `${cache.path}/${name}`);
  }
  return cache;
}
