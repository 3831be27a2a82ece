// What an execvm of one file carries, as it has no sources beside it to read.

/** Made by `deno task compile`. */
export interface Embedded {
  /** The commit that it was made of, where that was known. */
  readonly commit?: string;
  /** The guest's program, bundled for Deno. */
  readonly guest: string;
  /** What `hashSources` gives for the sources that the guest was made of. */
  readonly sourcesHash: string;
  /** The fragments of kernel configurations, by topic. */
  readonly kernelConfigs: Readonly<Record<string, string>>;
}

let carried: Embedded | undefined;

/** Says what this program carries: once, before anything else. */
export function embed(what: Embedded): void {
  carried = what;
}

/** What this program carries; undefined if it runs from its sources. */
export function embedded(): Embedded | undefined {
  return carried;
}
