// Finds the folder in which execvm caches files that it has made or fetched.

/**
 * Returns the cache folder: `EXECVM_CACHE`, else `execvm` in `XDG_CACHE_HOME`, else
 * `~/.cache/execvm`. It may not exist yet.
 *
 * @throws {Error} if neither of these nor HOME is set.
 */
export function cacheDir(): string {
  const folder = findCacheDir();
  if (folder !== undefined) return folder;
  throw new Error(
    "cannot find the cache folder: none of EXECVM_CACHE, XDG_CACHE_HOME and HOME is set; set one of them",
  );
}

/** As {@linkcode cacheDir}; undefined if none of these is set. */
export function findCacheDir(): string | undefined {
  const own = variable("EXECVM_CACHE");
  if (own !== undefined) return own.startsWith("/") ? own : `${Deno.cwd()}/${own}`;
  const caches = variable("XDG_CACHE_HOME");
  if (caches?.startsWith("/")) return `${caches}/execvm`; // the XDG specification ignores others
  const home = variable("HOME");
  return home === undefined ? undefined : `${home}/.cache/execvm`;
}

/** Reads a variable of the environment; an empty one counts as not set. */
function variable(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}
