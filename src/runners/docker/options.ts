// The options of the docker runner, in TypeScript, JSON and on the command line.

import type { Json } from "../../model/nodes.ts";
import { parseMemoryMib } from "../contract/memory_size.ts";
import { type OptionSpec, requireNumbers } from "../contract/option_spec.ts";
import { type MountOptions, parseMount } from "./mount.ts";

/** How containers are made. */
export interface DockerOptions {
  /** The image, by name or id. */
  readonly image: string;
  /** The program that runs containers: docker's command line, or one that takes the same. @default "docker" */
  readonly binary?: string;
  /** Variables of every command, on top of those of the image; a command's own have the last word. */
  readonly env?: Readonly<Record<string, string>>;
  /** Who runs commands, such as `1000:1000`. @default that of the image */
  readonly user?: string;
  /** The folder of commands that have no `cwd`. Docker makes one that is not there. @default that of the image */
  readonly workdir?: string;
  /** Memory that a container may use. @default no limit */
  readonly memoryMib?: number;
  /** Processors that a container may use; a part of one, too. @default no limit */
  readonly cpus?: number;
  /** Docker's name of a network, such as `bridge`. @default "none" */
  readonly network?: string;
  /**
   * Files and folders of the engine's host, by absolute path, each with its path in the container.
   * Read-only, unless it says `{ path: "/src", write: true }`.
   */
  readonly mounts?: MountOptions;
  /** The platform of the image, such as `linux/arm64`. */
  readonly platform?: string;
  /** Where the image has an execvm, which then runs chains. @default the image's `sh` runs them */
  readonly chain?: string;
  /** Whether an image that is not here is fetched. @default "never" */
  readonly pull?: "missing" | "never" | "always";
  /** Give each command a terminal of its own; its stderr is then part of its stdout. */
  readonly tty?: boolean;
}

const PULLS = ["missing", "never", "always"] as const;

/** How they are written in JSON and on the command line. */
export const DOCKER_OPTION_SPECS = {
  image: { type: "string", summary: "name or id of the image", names: "docker image" },
  binary: {
    type: "string",
    summary: "the program that runs containers, such as podman",
    defaultText: "docker",
    names: "file",
  },
  env: {
    type: "map",
    summary: "variables of every command",
    noFlag: "--env sets those of the one command that is run",
  },
  user: { type: "string", summary: "who runs the command, such as 1000:1000" },
  workdir: { type: "string", summary: "folder of the command, if it has no --cwd" },
  memoryMib: {
    type: "number",
    range: {},
    summary: "memory of the container",
    defaultText: "no limit",
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  cpus: {
    type: "number",
    range: { above: 0 },
    summary: "processors of the container",
    defaultText: "no limit",
  },
  network: {
    type: "string",
    summary: "the container's network, such as bridge",
    defaultText: "none",
  },
  mounts: {
    type: "map",
    summary: "a file or folder as one of the container; may be repeated",
    names: "file",
    entry: { flag: "mount", placeholder: "HOST:GUEST[:rw]", parse: toMountEntry },
  },
  platform: { type: "string", summary: "platform of the image, such as linux/arm64" },
  chain: { type: "string", summary: "path of an execvm in the image, which then runs chains" },
  pull: {
    type: "string",
    summary: "whether to fetch the image: missing, never or always",
    defaultText: "never",
    values: PULLS,
  },
  tty: { type: "boolean", summary: "give the command a terminal of its own", alias: "t" },
} satisfies Record<keyof DockerOptions, OptionSpec>;

/**
 * Checks what Docker would take for something else. What it can judge by itself is left to it.
 *
 * @throws {TypeError | RangeError} if an option is not what it should be.
 */
export function checkDockerOptions(options: DockerOptions): void {
  // From JSON or JavaScript they may be anything.
  const { image, pull, mounts = {}, env = {} }: { [key in keyof DockerOptions]: unknown } = options;
  if (typeof image !== "string" || image === "" || image.startsWith("-")) {
    const given = image === undefined
      ? "no image is given"
      : `${JSON.stringify(image)} is no image`;
    throw new TypeError(`Cannot run in a container as ${given}: take the name or id of one`);
  }
  if (pull !== undefined && !PULLS.some((known) => known === pull)) {
    throw new TypeError(
      `Cannot pull ${JSON.stringify(pull)} as it is none of missing, never and always`,
    );
  }
  for (const [name, value] of Object.entries(Object(env))) {
    if (typeof value === "string" && /^[^=\0]+$/.test(name)) continue;
    throw new TypeError(`Cannot set the variable ${JSON.stringify(name)} as it is no NAME=VALUE`);
  }
  for (const [source, mount] of Object.entries(Object(mounts))) checkMount(source, mount);
  requireNumbers("run in a container", options, DOCKER_OPTION_SPECS);
}

function checkMount(source: string, mount: unknown): void {
  const fields: unknown = typeof mount === "string" ? { path: mount } : mount;
  const { path, write = false, ...rest } = Object(fields) as Readonly<Record<string, unknown>>;
  const isRight = typeof path === "string" && typeof write === "boolean" && path !== "";
  if (source !== "" && isRight && Object.keys(rest).length === 0) return;
  throw new TypeError(
    `Cannot mount ${JSON.stringify(source)} at ${JSON.stringify(mount)}: ` +
      'take "/path" or { path, write: true }',
  );
}

function toMountEntry(text: string): readonly [string, Json] {
  const [source, mount] = parseMount(text);
  return [source, typeof mount === "string" ? mount : { ...mount }];
}
