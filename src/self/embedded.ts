// The data that a single-file execvm carries, since it has no source files to read.

/** Made by `deno task compile` and `deno task bundle`. */
export interface Embedded {
  /** Whether the file is a program, or a module that others import. */
  readonly form: "program" | "module";
  /** The commit that it was made of, where that was known. */
  readonly commit?: string;
  /** The program of the guest, bundled for Deno. */
  readonly guest: string;
  /** The result of `hashSources` for the sources of the guest. */
  readonly sourcesHash: string;
  /** The fragments of kernel configurations, by topic. */
  readonly kernelConfigs: Readonly<Record<string, string>>;
}

let carried: Embedded | undefined;

/** Sets the embedded data of this program. To be called once, before anything else. */
export function embed(what: Embedded): void {
  carried = what;
}

/** Returns the embedded data; undefined if this program runs from its sources. */
export function embedded(): Embedded | undefined {
  return carried;
}
