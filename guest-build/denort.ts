// Finds `denort`, Deno's runtime for compiled programs, which `deno compile` needs.

import { denoDir } from "../src/self/deno_cache.ts";

/** Where Deno, its cache and its releases are. The defaults are Deno's own. */
export interface DenoPlaces {
  /** Path of Deno. @default the running one */
  readonly deno?: string;
  /** Path of Deno's cache. @default `DENO_DIR`, else `deno` in the user's cache folder */
  readonly denoDir?: string;
  /** Path of a denort. @default `DENORT_BIN` */
  readonly denort?: string;
  /** Base URL of Deno's releases. @default "https://dl.deno.land" */
  readonly releases?: string;
  /** The target triple to compile for. @default that of the running Deno */
  readonly target?: string;
}

/** How long an attempt to reach the network may take. */
const ATTEMPT_MS = 3000;

/** Path of the denort on this host that `deno compile` would use; undefined if there is none. */
export async function findDenort(places: DenoPlaces = {}): Promise<string | undefined> {
  const given = places.denort ?? (Deno.env.get("DENORT_BIN") || undefined);
  if (given !== undefined) return given; // deno compile reports if it is not usable
  const cached = `${places.denoDir ?? denoDir()}/dl/${releasePath(places)}`;
  return await Deno.stat(cached).then(({ isFile }) => isFile, () => false) ? cached : undefined;
}

/** Checks, with one request, whether Deno's releases can be reached. */
export async function canFetchDenort(
  places: DenoPlaces = {},
): Promise<boolean> {
  const { releases = "https://dl.deno.land" } = places;
  try {
    const signal = AbortSignal.timeout(ATTEMPT_MS);
    const response = await fetch(`${releases}/${releasePath(places)}`, { method: "HEAD", signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** The path of this version's denort, which is the same in the cache and on the server. */
function releasePath({ target = Deno.build.target }: DenoPlaces): string {
  return `release/v${Deno.version.deno}/denort-${target}.zip`;
}
