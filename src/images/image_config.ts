// What an image says of the commands that run in it. Pure.

import type { ConfigFile } from "./oci_schema.ts";

/** The configuration of an OCI or Docker image. */
export interface ImageConfig {
  /** Variables of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly workingDir: string;
  /** A name or number, with a group behind a `:` if there is one; empty for root. */
  readonly user: string;
  /** What stands before each command. */
  readonly entrypoint: readonly string[];
  /** What runs when nothing is said. */
  readonly cmd: readonly string[];
  /** In the words of Go: `amd64`, `arm64`. */
  readonly architecture: string;
}

/** The configuration in a config file, or in what `docker image inspect` prints. */
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

/** A variable without `=` is set and empty, as runc has it. */
function toVariable(text: string): [name: string, value: string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}
