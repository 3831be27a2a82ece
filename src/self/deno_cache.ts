// Reads modules of servers from Deno's cache.

import { createHash } from "node:crypto";

/** A line that Deno adds to cached modules. */
const CACHE_METADATA = /\n\/\/ denoCacheMetadata=.*$/;

/** Deno's cache folder on Linux. */
export function denoDir(): string {
  const variable = (name: string) => Deno.env.get(name) || undefined;
  const caches = variable("XDG_CACHE_HOME") ?? `${variable("HOME") ?? "/root"}/.cache`;
  return variable("DENO_DIR") ?? `${caches}/deno`;
}

/** Returns the text of a module as Deno has cached it; undefined if it has not. */
export function readCachedModule(url: URL): string | undefined {
  const { protocol, hostname, port, pathname, search } = url;
  const host = port === "" ? hostname : `${hostname}_PORT${port}`;
  const name = createHash("sha256").update(pathname + search).digest("hex");
  const path = `${denoDir()}/remote/${protocol.slice(0, -1)}/${host}/${name}`;
  try {
    return Deno.readTextFileSync(path).replace(CACHE_METADATA, "");
  } catch {
    return undefined;
  }
}
