// The options of the docker runner for TypeScript, JSON and the command line.

import { checkCopies, type CopyOptions } from "../../model/copy_options.ts";
import type { Json } from "../../model/nodes.ts";
import { COPY_OPTION_SPECS } from "../contract/copy_specs.ts";
import { parseMemoryMib } from "../contract/memory_size.ts";
import { type OptionSpec, requireNumbers } from "../contract/option_spec.ts";
import { type MountOptions, parseMount } from "./mount.ts";

/** How containers are created. */
export interface DockerOptions extends CopyOptions {
  /** The image, by name or id. */
  readonly image: string;
  /** The program to run: docker, or one with the same command line. @default "docker" */
  readonly binary?: string;
  /**
   * Environment variables of every command, in addition to the image's. A command's own take
   * precedence.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** The user of commands, such as `1000:1000`. @default that of the image */
  readonly user?: string;
  /**
   * The working directory of commands without `cwd`; Docker creates it if needed.
   *
   * @default that of the image
   */
  readonly workdir?: string;
  /** The memory limit of a container, in MiB. @default no limit */
  readonly memoryMib?: number;
  /** The processor limit of a container; may be fractional. @default no limit */
  readonly cpus?: number;
  /** The network, by Docker's name, such as `bridge`. @default "none" */
  readonly network?: string;
  /**
   * Absolute paths of files and folders on the engine's host, each with its path in the container.
   * They are read-only, except with `{ path: "/src", write: true }`.
   */
  readonly mounts?: MountOptions;
  /** The platform of the image, such as `linux/arm64`. @default that of the engine */
  readonly platform?: string;
  /** Path of an execvm in the image, to run chains. @default the image's `sh` runs them */
  readonly chain?: string;
  /** Whether to pull the image. @default "never" */
  readonly pull?: "missing" | "never" | "always";
  /** Whether each command has its own terminal, which merges stderr into stdout. @default false */
  readonly tty?: boolean;
}

const PULLS = ["missing", "never", "always"] as const;

/** How they are written in JSON and on the command line. */
export const DOCKER_OPTION_SPECS: Readonly<Record<keyof DockerOptions, OptionSpec>> = {
  image: { type: "string", summary: "name or id of the image", names: "docker image" },
  binary: {
    type: "string",
    summary: "the program that runs containers, such as podman",
    defaultText: "docker",
    names: "file",
    hostPaths: { use: "run" },
  },
  env: {
    type: "map",
    summary: "environment variables of every command",
    noFlag: "--env sets those of the one command that is run",
  },
  user: {
    type: "string",
    placeholder: "USER",
    summary: "user that runs the command, such as 1000:1000",
  },
  workdir: { type: "string", placeholder: "DIR", summary: "folder to run in, without --cwd" },
  memoryMib: {
    type: "number",
    range: {},
    summary: "memory limit of the container",
    defaultText: "no limit",
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  cpus: {
    type: "number",
    range: { above: 0 },
    summary: "number of processors that the container may use",
    defaultText: "no limit",
  },
  network: {
    type: "string",
    placeholder: "NETWORK",
    summary: "Docker network of the container, such as bridge",
    defaultText: "none",
  },
  mounts: {
    type: "map",
    summary: "mount a file or folder of the host, read-only without :rw; may be repeated",
    names: "file",
    hostPaths: { use: "read", of: "keys" },
    entry: { flag: "mount", placeholder: "HOST:GUEST[:rw]", parse: toMountEntry },
  },
  platform: {
    type: "string",
    placeholder: "PLATFORM",
    summary: "platform of the image, such as linux/arm64",
  },
  chain: {
    type: "string",
    placeholder: "PATH",
    summary: "path of execvm in the image, to run chains with it",
  },
  pull: {
    type: "string",
    summary: "when to pull the image: missing, never or always",
    defaultText: "never",
    values: PULLS,
  },
  tty: { type: "boolean", summary: "give the command a terminal of its own", alias: "t" },
  ...COPY_OPTION_SPECS,
};

/**
 * Checks the values that Docker would misinterpret; what Docker itself rejects is left to it.
 *
 * @throws {TypeError | RangeError} if an option is invalid.
 */
export function checkDockerOptions(options: DockerOptions): void {
  // From JSON or JavaScript they may be anything.
  const { image, pull, mounts = {}, env = {} }: { [key in keyof DockerOptions]: unknown } = options;
  if (typeof image !== "string" || image === "" || image.startsWith("-")) {
    const given = image === undefined
      ? "no image is given"
      : `${JSON.stringify(image)} is not an image`;
    throw new TypeError(`cannot run in a container: ${given}: give the name or id of one`);
  }
  if (pull !== undefined && !PULLS.some((known) => known === pull)) {
    throw new TypeError(
      `cannot pull ${JSON.stringify(pull)}: pull must be missing, never or always`,
    );
  }
  for (const [name, value] of Object.entries(Object(env))) {
    if (typeof value === "string" && /^[^=\0]+$/.test(name)) continue;
    throw new TypeError(`cannot set the variable ${JSON.stringify(name)}: it is not NAME=VALUE`);
  }
  for (const [source, mount] of Object.entries(Object(mounts))) checkMount(source, mount);
  checkCopies(options, "absolute");
  requireNumbers("run in a container", options, DOCKER_OPTION_SPECS);
}

function checkMount(source: string, mount: unknown): void {
  const fields: unknown = typeof mount === "string" ? { path: mount } : mount;
  const { path, write = false, ...rest } = Object(fields) as Readonly<Record<string, unknown>>;
  const isRight = typeof path === "string" && typeof write === "boolean" && path !== "";
  if (source !== "" && isRight && Object.keys(rest).length === 0) return;
  throw new TypeError(
    `cannot mount ${JSON.stringify(source)} at ${JSON.stringify(mount)}: ` +
      'give "/path" or { path, write: true }',
  );
}

function toMountEntry(text: string): readonly [string, Json] {
  const [source, mount] = parseMount(text);
  return [source, typeof mount === "string" ? mount : { ...mount }];
}
