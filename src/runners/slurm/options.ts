// The options of the Slurm runner, in TypeScript, JSON and on the command line.

import type { Json } from "../../model/nodes.ts";
import { parseMemoryMib } from "../contract/memory_size.ts";
import { type OptionSpec, parseOption, requireNumbers } from "../contract/option_spec.ts";
import { checkRemoteOptions, REMOTE_OPTION_SPECS, type RemoteOptions } from "../remote/options.ts";

/** What the jobs of commands ask for. What is not given is as the cluster has it. */
export interface SlurmOptions extends RemoteOptions {
  /** The partition. */
  readonly partition?: string;
  /** Who is charged. */
  readonly account?: string;
  /** Processors of each command. */
  readonly cpus?: number;
  /** Memory of each command. */
  readonly memoryMib?: number;
  /** How long a job may run, as Slurm writes it: minutes, `MIN:SEC`, `HOURS:MIN:SEC`, `DAYS-HOURS`. */
  readonly timeLimit?: string;
  /** Features that the node must have, such as `intel&gpu`. */
  readonly constraint?: string;
  /** More of what `srun` and `salloc` take, by long name, such as `{ qos: "high", exclusive: "" }`. */
  readonly options?: Readonly<Record<string, string>>;
  /** The id of a job of yours to run in, in place of new ones: such as the one that execvm runs in. */
  readonly job?: string;
  /**
   * Milliseconds that commands of one pipeline wait in the queue for one another, where their runners
   * ask for different jobs; `Infinity` sets no limit. @default 60000
   */
  readonly queueTimeoutMs?: number;
  /** Where the nodes have an execvm, which then runs chains. @default their `sh` runs them */
  readonly chain?: string;
  /**
   * Give each command a terminal of its own; its stderr is then part of its stdout.
   *
   * @default as the inner runner does
   */
  readonly tty?: boolean;
}

/** Milliseconds that jobs wait for one another, unless told otherwise. */
export const QUEUE_MS = 60_000;

/** What stands for what is not given. */
const CLUSTERS = "as the cluster has it";

/** The same as data. */
export interface GivenSlurmOptions extends Omit<SlurmOptions, "inner"> {
  /** The JSON form of the inner runner. */
  readonly inner?: Json;
}

/** How they are written in JSON and on the command line. */
export const SLURM_OPTION_SPECS = {
  partition: {
    type: "string",
    summary: "partition to run in",
    defaultText: CLUSTERS,
    names: "slurm partition",
  },
  account: { type: "string", summary: "who is charged", defaultText: CLUSTERS },
  cpus: {
    type: "number",
    range: {},
    summary: "processors of the command",
    defaultText: CLUSTERS,
  },
  memoryMib: {
    type: "number",
    range: {},
    summary: "memory of the command",
    defaultText: CLUSTERS,
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  timeLimit: {
    type: "string",
    summary: "how long the job may run, such as 1:30:00",
    defaultText: CLUSTERS,
  },
  constraint: { type: "string", summary: "features that the node must have" },
  options: {
    type: "map",
    summary: "what srun takes as --NAME=VALUE; may be repeated",
    entry: { flag: "option", placeholder: "NAME=VALUE", parse: parseOption },
  },
  job: { type: "string", summary: "id of a job to run in, in place of a new one" },
  queueTimeoutMs: {
    type: "number",
    range: { isEndless: true },
    summary: "milliseconds that stages with different jobs wait for one another",
    defaultText: "60000",
  },
  chain: { type: "string", summary: "path of an execvm on the nodes, which then runs chains" },
  tty: { type: "boolean", summary: "give the command a terminal of its own", alias: "t" },
  ...REMOTE_OPTION_SPECS,
} satisfies Record<keyof SlurmOptions, OptionSpec>;

/** Options of srun that would break what the runner promises. */
const OURS =
  /^(chdir|error|export|input|jobid|job-name|label|multi-prog|nodes|ntasks|open-mode|output|overlap|pty|unbuffered)$/;

/**
 * Checks what Slurm would take for something else. What it can judge by itself is left to it.
 *
 * @throws {TypeError | RangeError} if an option is not what it should be.
 */
export function checkSlurmOptions(given: SlurmOptions): void {
  checkRemoteOptions(given);
  // From JSON or JavaScript they may be anything.
  const { options = {}, job }: { [key in keyof SlurmOptions]: unknown } = given;
  if (job !== undefined && !/^\d+$/.test(String(job))) {
    throw new TypeError(`Cannot run in the Slurm job ${JSON.stringify(job)} as that is no id`);
  }
  requireNumbers("run on Slurm", given, SLURM_OPTION_SPECS);
  for (const [name, value] of Object.entries(Object(options))) {
    const isOption = typeof value === "string" && /^[a-z][a-z0-9-]*$/.test(name);
    if (isOption && !OURS.test(name)) continue;
    const fact = isOption ? "execvm sets that itself" : "it is no name=value";
    throw new TypeError(`Cannot give srun the option ${JSON.stringify(name)} as ${fact}`);
  }
}
