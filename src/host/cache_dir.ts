// Where execvm keeps what it has made or fetched for virtual machines.

/**
 * The cache folder: `EXECVM_CACHE`, else `execvm` in `XDG_CACHE_HOME`, else `~/.cache/execvm`. It need
 * not exist yet.
 *
 * @throws {Error} if none of these, nor HOME, is set.
 */
export function cacheDir(): string {
  const own = variable("EXECVM_CACHE");
  if (own !== undefined) return own.startsWith("/") ? own : `${Deno.cwd()}/${own}`;
  const caches = variable("XDG_CACHE_HOME");
  if (caches?.startsWith("/")) return `${caches}/execvm`; // the XDG specification ignores others
  const home = variable("HOME");
  if (home !== undefined) return `${home}/.cache/execvm`;
  throw new Error("Cannot find the cache folder as neither EXECVM_CACHE nor HOME is set");
}

/** A variable of the environment; one that is empty counts as not set. */
function variable(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}
