// The options of runners that reach another computer and can use any runner there.

import type { OptionSpec } from "../contract/option_spec.ts";
import type { Runner } from "../contract/runner.ts";

/** How commands are run on a remote host. */
export interface RemoteOptions {
  /**
   * The runner to use on the remote host, such as `vm()`. Its paths, images, kernels and cache are
   * those of the remote host. Each command is a process of the execvm there.
   *
   * @default commands run as processes of the remote host
   */
  readonly inner?: Runner;
  /**
   * Path of execvm on the remote host.
   *
   * @default this execvm, copied once into the user's cache there
   */
  readonly execvm?: string;
  /**
   * Path of Deno on the remote host, for a copied execvm.
   *
   * @default the one in PATH, or in ~/.deno
   */
  readonly deno?: string;
}

/** @deprecated The name of {@linkcode RemoteOptions} up to version 0.1. */
export type FarOptions = RemoteOptions;

/** How they are written in JSON and on the command line. */
export const REMOTE_OPTION_SPECS: Readonly<Record<keyof RemoteOptions, OptionSpec>> = {
  inner: {
    type: "runner",
    summary: "the runner to use on the remote host",
    noFlag: "a second -r names it",
  },
  execvm: {
    type: "string",
    placeholder: "PATH",
    summary: "path of an execvm on the remote host, which runs the inner runner",
  },
  deno: {
    type: "string",
    placeholder: "PATH",
    summary: "path of Deno on the remote host, for an execvm that is copied",
  },
};

/**
 * Checks the options.
 *
 * @throws {TypeError} if one is invalid, or the inner runner cannot work on a remote host.
 */
export function checkRemoteOptions(given: RemoteOptions): void {
  // From JSON or JavaScript they may be anything.
  const { inner, execvm, deno }: { readonly [key in keyof RemoteOptions]: unknown } = given;
  if (inner === undefined) {
    if (execvm === undefined && deno === undefined) return;
    throw new TypeError(
      "cannot use an execvm on the remote host: there is no inner runner to use it for",
    );
  }
  const { start, options } = Object(inner) as Partial<Runner>;
  if (typeof start !== "function") {
    throw new TypeError("cannot use the inner runner: it is not a runner");
  }
  if (execvm !== undefined && deno !== undefined) {
    throw new TypeError("cannot use both execvm and deno: that execvm has its own Deno");
  }
  if (Number(options?.["pool"] ?? 0) > 0) {
    throw new TypeError(
      "cannot keep machines ready on a remote host: each command is its own process: omit pool",
    );
  }
}
