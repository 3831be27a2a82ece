// The policy for clients of `execvm mcp`: limits, runners and their options, sources of images, and
// at most one folder of this machine.

import type { Json } from "../model/nodes.ts";

/** What the server grants, as set when it is started; no request of a client can exceed it. */
export interface Policy {
  /** The longest time of a run, in milliseconds. */
  readonly maxTimeoutMs: number;
  /** The most memory of a machine or container, in MiB. */
  readonly maxMemoryMib: number;
  /** The most bytes of output in a result, for each of stdout, stderr and files. */
  readonly maxOutputBytes: number;
  /** How many runs, and preparations of images, there may be at once. */
  readonly maxRuns: number;
  /** How many calls may wait for a run to end. */
  readonly maxQueue: number;
  /** The longest time of the preparation of an image, in milliseconds. */
  readonly maxPrepareMs: number;
  /**
   * Runners besides {@linkcode ALWAYS_ALLOWED}: kinds, or kinds with the one target, such as
   * `ssh:HOST`.
   */
  readonly runners: readonly string[];
  /** Options besides {@linkcode CLIENT_OPTIONS}. */
  readonly options: readonly AllowedOption[];
  /**
   * What `prepare_image` may start from: the `from` of `prepareImage`, or its start and a `*`, such
   * as `debian:*`. Without any the tool does not exist.
   */
  readonly images: readonly string[];
  /** The real path of the folder that files may be read from and written to. */
  readonly files: string | undefined;
}

/** An option that clients may set, with any value or only this one. */
export interface AllowedOption {
  /** The kind of runner, or {@linkcode IMAGE_KIND}. */
  readonly kind: string;
  readonly name: string;
  readonly value?: string;
}

/** The `kind` of the options of `prepare_image`. */
export const IMAGE_KIND = "image";

/** The options of `prepare_image` that clients may set only if the policy names them. */
export const GRANTED_IMAGE_OPTIONS = ["network", "name", "cacheKey", "refresh"] as const;

/** The default limits. */
export const POLICY_DEFAULTS = {
  maxTimeoutMs: 300_000,
  maxMemoryMib: 2048,
  maxOutputBytes: 1 << 20,
  maxRuns: 4,
  maxQueue: 16,
  maxPrepareMs: 1_800_000,
} as const;

/**
 * The runners that every client may use: `vm`, which isolates each command, and `void`, which runs
 * none.
 */
export const ALWAYS_ALLOWED: readonly string[] = ["vm", "void"];

/**
 * The options of runners that clients may set; others would reach out of the sandbox or into this
 * machine.
 */
export const CLIENT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  vm: ["arch", "cpus", "memoryMib", "root", "user"],
  docker: ["image", "cpus", "memoryMib", "user", "workdir", "env", "platform"],
  ssh: ["host", "user", "port"],
  slurm: ["partition", "cpus", "memoryMib"],
};

/** A request for something that clients may not use. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** The limits that a request asks for. */
export interface AskedLimits {
  readonly timeoutMs?: number | undefined;
  readonly memoryMib?: number | undefined;
  readonly cpus?: number | undefined;
  readonly maxOutputBytes?: number | undefined;
}

/** The limits that apply to a run. */
export interface Limits {
  readonly timeoutMs: number;
  readonly memoryMib: number;
  readonly cpus: number;
  readonly maxOutputBytes: number;
}

/** The limits of a run whose request sets none, capped by the policy. */
const USUAL = { timeoutMs: 60_000, memoryMib: 512, cpus: 1 } as const;

/** Returns the limits of a run. @throws {Refusal} if it asks for more than the policy grants. */
export function limitsOf(asked: AskedLimits, policy: Policy): Limits {
  const { maxTimeoutMs, maxMemoryMib, maxOutputBytes } = policy;
  return {
    timeoutMs: within(
      "timeoutMs",
      asked.timeoutMs ?? Math.min(USUAL.timeoutMs, maxTimeoutMs),
      maxTimeoutMs,
    ),
    memoryMib: within(
      "memoryMib",
      asked.memoryMib ?? Math.min(USUAL.memoryMib, maxMemoryMib),
      maxMemoryMib,
    ),
    cpus: within("cpus", asked.cpus ?? USUAL.cpus, navigator.hardwareConcurrency),
    maxOutputBytes: within(
      "maxOutputBytes",
      asked.maxOutputBytes ?? maxOutputBytes,
      maxOutputBytes,
    ),
  };
}

function within(name: string, value: number, most: number): number {
  if (value > 0 && value <= most) return value;
  throw new Refusal(`cannot use ${name} ${value}: the most here is ${most}`);
}

/**
 * Checks a runner of a client.
 *
 * @throws {Refusal} if clients may not use this kind of runner, its target or one of these options.
 */
export function requireRunner(
  kind: string,
  options: { readonly [name: string]: Json },
  { target, policy }: { readonly target: string | undefined; readonly policy: Policy },
): void {
  const where = target === undefined ? undefined : options[target];
  const isAllowed = [...ALWAYS_ALLOWED, ...policy.runners].some((allowed) =>
    allowed === kind || where !== undefined && allowed === `${kind}:${where}`
  );
  if (!isAllowed) {
    const known = [...ALWAYS_ALLOWED, ...policy.runners].join(", ");
    const asked = where === undefined ? kind : `${kind}:${where}`;
    throw new Refusal(`cannot run on ${asked}: only these are allowed here: ${known}`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (name === "network" && value === "none") continue;
    if (!CLIENT_OPTIONS[kind]?.includes(name)) requireOption(kind, name, { value, policy });
  }
}

/** @throws {Refusal} if the policy does not let clients give this value to an option. */
export function requireOption(
  kind: string,
  name: string,
  { value, policy }: { readonly value: unknown; readonly policy: Policy },
): void {
  const granted = grantedOptions(kind, policy).filter((option) => option.name === name);
  if (granted.some((option) => option.value === undefined || option.value === String(value))) {
    return;
  }
  const what = name === "network" ? "a network" : `the option ${JSON.stringify(name)}`;
  const whose = kind === IMAGE_KIND ? "prepare_image" : kind;
  throw new Refusal(`cannot use ${what} of ${whose}: ${whyRefused(name, granted)}`);
}

function whyRefused(name: string, granted: readonly AllowedOption[]): string {
  const values = granted.map(({ value }) => JSON.stringify(value)).join(", ");
  if (granted.length > 1) return `the only values here are ${values}`;
  if (granted.length === 1) return `the only value here is ${values}`;
  return name === "network" ? "clients get none" : "clients may not";
}

/** Returns the options of a kind that the policy lets clients set, besides the usual ones. */
export function grantedOptions(kind: string, { options }: Policy): readonly AllowedOption[] {
  return options.filter((option) => option.kind === kind);
}

/** Whether clients may prepare an image from this source. */
export function isAllowedSource(from: string, { images }: Policy): boolean {
  const climbs = from.split("/").includes("..");
  return images.some((pattern) =>
    pattern === from || !climbs && pattern.endsWith("*") && from.startsWith(pattern.slice(0, -1))
  );
}
