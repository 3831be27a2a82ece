// Deno's runtime for compiled programs, `denort`, which `deno compile` needs: whether it can be had.

/** Where Deno and its cache are, and what serves its releases. The defaults are those of Deno itself. */
export interface DenoPlaces {
  /** Deno's program. @default the one that runs this */
  readonly deno?: string;
  /** Deno's cache. @default `DENO_DIR`, else `deno` in the user's cache folder */
  readonly denoDir?: string;
  /** A denort. @default `DENORT_BIN` */
  readonly denort?: string;
  /** Serves Deno's releases. @default "https://dl.deno.land" */
  readonly releases?: string;
  /** What a program is compiled for, as a target triple. @default what this Deno runs on */
  readonly target?: string;
}

/** An attempt to reach the network takes no longer. */
const ATTEMPT_MS = 3000;

/** Path of the denort of this machine that `deno compile` would take; undefined if there is none. */
export async function findDenort(places: DenoPlaces = {}): Promise<string | undefined> {
  const given = places.denort ?? (Deno.env.get("DENORT_BIN") || undefined);
  if (given !== undefined) return given; // deno compile says what is wrong with it
  const cached = `${places.denoDir ?? denoDir()}/dl/${releasePath(places)}`;
  return await Deno.stat(cached).then(({ isFile }) => isFile, () => false) ? cached : undefined;
}

/** Whether the releases of Deno can be reached now: asked once, and quickly. */
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

/** Deno's cache folder, where this Deno has it on Linux. */
export function denoDir(): string {
  const variable = (name: string) => Deno.env.get(name) || undefined;
  const caches = variable("XDG_CACHE_HOME") ?? `${variable("HOME") ?? "/root"}/.cache`;
  return variable("DENO_DIR") ?? `${caches}/deno`;
}

/** Of the denort that has this Deno's version, in the cache and on the server alike. */
function releasePath({ target = Deno.build.target }: DenoPlaces): string {
  return `release/v${Deno.version.deno}/denort-${target}.zip`;
}
