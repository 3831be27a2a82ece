// Makes the command line that runs a container. Pure.

import type { MountOption, MountOptions } from "./mount.ts";

/** The container to create and the command to run in it. */
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
  /** Whether signals go to the command's whole process group. */
  readonly signalsGroup?: boolean;
  /** Whether it is only created, and stays until it is removed. */
  readonly isKept?: boolean;
}

/** The keys by which docker detaches, in place of its ^P^Q: a sequence that nobody types. */
const DETACH_KEYS = "ctrl-^,ctrl-@,ctrl-^,ctrl-@";

/**
 * Makes the container's init, tini, forward signals to the whole process group of the command,
 * because an `sh` that runs a chain does not forward them.
 */
const INIT_VARIABLE = "TINI_KILL_PROCESS_GROUP=1";

/**
 * Returns the argv of `docker run`. It disables the image's entry point, so that the command runs
 * as given, and the log of its output, which would be slow and is not needed.
 */
export function containerArgv(spec: ContainerSpec): readonly string[] {
  const { binary, name, image, argv, tty } = spec;
  return [
    ...(spec.isKept === true ? [binary, "create", "-i"] : [binary, "run", "-i", "--rm"]),
    ...["--init", "--name", name],
    ...["--log-driver", "none", "--entrypoint", ""],
    ...["--pull", spec.pull, "--network", spec.network],
    ...(tty === true ? ["-t"] : []),
    ...(tty === true && spec.isKept !== true ? ["--detach-keys", DETACH_KEYS] : []),
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

/** Returns the argv that starts a created container with the stdio of docker. */
export function startArgv(
  { binary, name, tty }: Pick<ContainerSpec, "binary" | "name" | "tty">,
): readonly string[] {
  return [
    ...[binary, "start", "-a", "-i"],
    ...(tty === true ? ["--detach-keys", DETACH_KEYS] : []),
    name,
  ];
}

function option(flag: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [flag, String(value)];
}

/** Formats a mount, which is a line of CSV. */
function bind(source: string, mount: MountOption): string {
  const { path, write = false } = typeof mount === "string" ? { path: mount } : mount;
  const fields = ["type=bind", `source=${source}`, `target=${path}`, ...write ? [] : ["readonly"]];
  return fields.map(quoteField).join(",");
}

function quoteField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
