// What runners take that reach another computer and can use any runner there.

import type { OptionSpec } from "../contract/option_spec.ts";
import type { Runner } from "../contract/runner.ts";

/** How commands are run once that computer is reached. */
export interface RemoteOptions {
  /**
   * The runner to use over there, such as `vm()`. All that it needs is taken from over there: paths, images
   * and kernels, and the cache of the user there. Each command is a process of the execvm over there.
   *
   * @default commands are run as they are
   */
  readonly inner?: Runner;
  /** Where an execvm is over there. @default this one is copied once into the cache of the user there */
  readonly execvm?: string;
  /** Where Deno is over there, for an execvm that was copied. @default the one in PATH, or in ~/.deno */
  readonly deno?: string;
}

/** @deprecated The name of {@linkcode RemoteOptions} up to version 0.1. */
export type FarOptions = RemoteOptions;

/** How they are written in JSON and on the command line. */
export const REMOTE_OPTION_SPECS = {
  inner: {
    type: "runner",
    summary: "the runner to use over there",
    noFlag: "a second -r names it",
  },
  execvm: { type: "string", summary: "path of an execvm over there, which runs the inner runner" },
  deno: { type: "string", summary: "path of Deno over there, for an execvm that is copied" },
} satisfies Record<keyof RemoteOptions, OptionSpec>;

/**
 * Checks them.
 *
 * @throws {TypeError} if one is not what it should be, or the inner runner is of no use over there.
 */
export function checkRemoteOptions(given: RemoteOptions): void {
  // From JSON or JavaScript they may be anything.
  const { inner, execvm, deno }: { readonly [key in keyof RemoteOptions]: unknown } = given;
  if (inner === undefined) {
    if (execvm === undefined && deno === undefined) return;
    throw new TypeError(
      "Cannot use an execvm over there as there is no inner runner to use it for",
    );
  }
  const { start, options } = Object(inner) as Partial<Runner>;
  if (typeof start !== "function") throw new TypeError("Cannot use the inner runner as it is none");
  if (execvm !== undefined && deno !== undefined) {
    throw new TypeError("Cannot take both execvm and deno as that execvm knows its own Deno");
  }
  if (Number(options?.["pool"] ?? 0) > 0) {
    throw new TypeError(
      "Cannot keep machines ready over there as each command is a process of its own: take no pool",
    );
  }
}
