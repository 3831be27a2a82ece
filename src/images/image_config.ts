// The configuration of an image for the commands that run in it. Pure.

import type { ConfigFile } from "./oci_schema.ts";

/** The configuration of an OCI or Docker image. */
export interface ImageConfig {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** An absolute path. */
  readonly workingDir: string;
  /** A name or number, optionally with `:` and a group; empty for root. */
  readonly user: string;
  /** Words in front of each command. */
  readonly entrypoint: readonly string[];
  /** The default command. */
  readonly cmd: readonly string[];
  /** In Go's terms: `amd64`, `arm64`. */
  readonly architecture: string;
}

/** Converts the configuration of a config file, or of the output of `docker image inspect`. */
export function toImageConfig(
  { architecture, config }: Pick<ConfigFile, "architecture" | "config">,
): ImageConfig {
  const { Env, WorkingDir, User, Entrypoint, Cmd } = config ?? {};
  return {
    env: Object.fromEntries((Env ?? []).map(toVariable)),
    workingDir: WorkingDir || "/",
    user: User ?? "",
    entrypoint: Entrypoint ?? [],
    cmd: Cmd ?? [],
    architecture,
  };
}

/** Splits a variable; without `=` it is empty, as in runc. */
function toVariable(text: string): [name: string, value: string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}
