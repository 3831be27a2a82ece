// What a client of `execvm mcp` may have: limits, runners, and one folder of this machine, if any.

import type { Json } from "../model/nodes.ts";

/** What whoever starts the server grants; no request of a client can go beyond it. */
export interface Policy {
  /** The longest time of a run. */
  readonly maxTimeoutMs: number;
  /** The most memory of a machine or container. */
  readonly maxMemoryMib: number;
  /** The most bytes of output that a result holds: of stdout, of stderr, and of files. */
  readonly maxOutputBytes: number;
  /** How many runs there may be at once. */
  readonly maxRuns: number;
  /** Kinds of runners beside {@linkcode ALWAYS_ALLOWED}, each alone or with the one place, as `ssh:HOST`. */
  readonly runners: readonly string[];
  /** The real path of the folder that files may be read from and written to. */
  readonly files: string | undefined;
}

/** What is granted unless told otherwise. */
export const POLICY_DEFAULTS = {
  maxTimeoutMs: 300_000,
  maxMemoryMib: 2048,
  maxOutputBytes: 1 << 20,
  maxRuns: 4,
} as const;

/** A machine of its own for each command, and nothing at all. */
export const ALWAYS_ALLOWED: readonly string[] = ["vm", "void"];

/** The options of runners that a client may give; the others reach out of the sandbox, or into this machine. */
export const CLIENT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  vm: ["arch", "cpus", "memoryMib", "user"],
  docker: ["image", "cpus", "memoryMib", "user", "workdir", "env", "platform"],
  ssh: ["host", "user", "port"],
  slurm: ["partition", "cpus", "memoryMib"],
};

/** Something that a client may not have. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** What a request asks for of what is limited. */
export interface AskedLimits {
  readonly timeoutMs?: number | undefined;
  readonly memoryMib?: number | undefined;
  readonly cpus?: number | undefined;
  readonly maxOutputBytes?: number | undefined;
}

/** The limits of a run. */
export interface Limits {
  readonly timeoutMs: number;
  readonly memoryMib: number;
  readonly cpus: number;
  readonly maxOutputBytes: number;
}

/** What a run has when its request says nothing, if the policy grants as much. */
const USUAL = { timeoutMs: 60_000, memoryMib: 512, cpus: 1 } as const;

/** The limits of a run. @throws {Refusal} if it asks for more than is granted. */
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
  throw new Refusal(`Cannot have ${name} ${value} as the most here is ${most}`);
}

/** @throws {Refusal} if a client may not use such a runner with such options. */
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
    throw new Refusal(`Cannot run on ${asked} as only these are allowed here: ${known}`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (name === "network") requireNoNetwork(kind, value);
    else if (!CLIENT_OPTIONS[kind]?.includes(name)) {
      throw new Refusal(`Cannot take the option ${JSON.stringify(name)} of ${kind} from a client`);
    }
  }
}

function requireNoNetwork(kind: string, value: Json | undefined): void {
  if (value === "none") return;
  throw new Refusal(`Cannot have a network of ${kind} as a client is given none`);
}
