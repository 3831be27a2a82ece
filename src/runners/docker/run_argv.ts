// The command line that runs a container. Pure.

import type { MountOption, MountOptions } from "./mount.ts";

/** What a container is made of and runs. */
export interface ContainerSpec {
  readonly binary: string;
  readonly name: string;
  readonly image: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly network: string;
  readonly pull: string;
  readonly mounts: MountOptions;
  readonly workdir?: string | undefined;
  readonly user?: string | undefined;
  readonly memoryMib?: number | undefined;
  readonly cpus?: number | undefined;
  readonly platform?: string | undefined;
  readonly tty?: boolean | undefined;
  /** Whether signals are for all that the command has started. */
  readonly signalsGroup?: boolean;
}

/** What docker takes as a wish to leave it and its terminal, in place of ^P^Q: what nobody types. */
const DETACH_KEYS = "ctrl-^,ctrl-@,ctrl-^,ctrl-@";

/**
 * Has the container's init, which is tini, pass signals on to the whole process group of the command: a chain that
 * `sh` runs does not pass them on by itself.
 */
const INIT_VARIABLE = "TINI_KILL_PROCESS_GROUP=1";

/**
 * The argv of `docker run`. The image's entry point is left out, as the command is to be run as it
 * stands; and no log is kept of its output, which would be read by nobody and be slow.
 */
export function containerArgv(spec: ContainerSpec): readonly string[] {
  const { binary, name, image, argv, tty } = spec;
  return [
    ...[binary, "run", "-i", "--rm", "--init", "--name", name],
    ...["--log-driver", "none", "--entrypoint", ""],
    ...["--pull", spec.pull, "--network", spec.network],
    ...(tty === true ? ["-t", "--detach-keys", DETACH_KEYS] : []),
    ...option("--platform", spec.platform),
    ...option("--user", spec.user),
    ...option("--workdir", spec.workdir),
    ...option("--memory", spec.memoryMib === undefined ? undefined : `${spec.memoryMib}m`),
    ...option("--cpus", spec.cpus),
    ...Object.entries(spec.mounts).flatMap(([source, mount]) => ["--mount", bind(source, mount)]),
    ...(spec.signalsGroup === true ? ["-e", INIT_VARIABLE] : []),
    ...Object.entries(spec.env).flatMap(([variable, value]) => ["-e", `${variable}=${value}`]),
    image,
    ...argv,
  ];
}

function option(flag: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [flag, String(value)];
}

/** A mount is a line of CSV. */
function bind(source: string, mount: MountOption): string {
  const { path, write = false } = typeof mount === "string" ? { path: mount } : mount;
  const fields = ["type=bind", `source=${source}`, `target=${path}`, ...write ? [] : ["readonly"]];
  return fields.map(quoteField).join(",");
}

function quoteField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
