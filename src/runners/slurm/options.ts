// The options of the Slurm runner for TypeScript, JSON and the command line.

import { checkCopies, type CopyOptions } from "../../model/copy_options.ts";
import type { Json } from "../../model/nodes.ts";
import { parseMemoryMib } from "../contract/memory_size.ts";
import { COPY_OPTION_SPECS } from "../contract/copy_specs.ts";
import { type OptionSpec, parseOption, requireNumbers } from "../contract/option_spec.ts";
import { checkRemoteOptions, REMOTE_OPTION_SPECS, type RemoteOptions } from "../remote/options.ts";

/** What the jobs of commands request. What is not given is the cluster's default. */
export interface SlurmOptions extends RemoteOptions, CopyOptions {
  /** The partition. @default Slurm's default */
  readonly partition?: string;
  /** The account to charge. @default Slurm's default */
  readonly account?: string;
  /**
   * Processors of each command.
   *
   * @default Slurm's default; with an inner runner, what its machine needs
   */
  readonly cpus?: number;
  /**
   * Memory of each command, in MiB.
   *
   * @default Slurm's default; with an inner runner, what its machine needs
   */
  readonly memoryMib?: number;
  /**
   * The time limit of a job in Slurm's notation: minutes, `MIN:SEC`, `HOURS:MIN:SEC`, `DAYS-HOURS`.
   */
  readonly timeLimit?: string;
  /** Features that the node must have, such as `intel&gpu`. */
  readonly constraint?: string;
  /**
   * Further options for `srun` and `salloc`, by long name, such as `{ qos: "high", exclusive: ""
   * }`.
   */
  readonly options?: Readonly<Record<string, string>>;
  /**
   * The id of one of your jobs to run in, such as the job that execvm itself runs in.
   *
   * @default new jobs
   */
  readonly job?: string;
  /**
   * Milliseconds that commands of one pipeline wait in the queue for each other, if their runners
   * request different jobs; `Infinity` sets no limit.
   *
   * @default 60000
   */
  readonly queueTimeoutMs?: number;
  /** Path of an execvm on the nodes, to run chains. @default their `sh` runs them */
  readonly chain?: string;
  /**
   * Whether each command has its own terminal, which merges stderr into stdout.
   *
   * @default that of the inner runner
   */
  readonly tty?: boolean;
}

/** How long jobs wait for one another by default, in milliseconds. */
export const QUEUE_MS = 60_000;

/** What stands for what is not given. */
const CLUSTERS = "that of the cluster";

/** The options with the inner runner as data. */
export interface GivenSlurmOptions extends Omit<SlurmOptions, "inner"> {
  /** The JSON form of the inner runner. */
  readonly inner?: Json;
}

/** How they are written in JSON and on the command line. */
export const SLURM_OPTION_SPECS: Readonly<Record<keyof SlurmOptions, OptionSpec>> = {
  partition: {
    type: "string",
    summary: "partition to run in",
    defaultText: CLUSTERS,
    names: "slurm partition",
  },
  account: {
    type: "string",
    placeholder: "ACCOUNT",
    summary: "account to charge",
    defaultText: CLUSTERS,
  },
  cpus: {
    type: "number",
    range: {},
    summary: "number of processors of the command",
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
    placeholder: "TIME",
    summary: "time limit of the job, such as 1:30:00",
    defaultText: CLUSTERS,
  },
  constraint: {
    type: "string",
    placeholder: "FEATURES",
    summary: "features that the node must have, such as intel&gpu",
  },
  options: {
    type: "map",
    summary: "an option for srun, passed as --NAME=VALUE; may be repeated",
    entry: { flag: "option", placeholder: "NAME=VALUE", parse: parseOption },
  },
  job: { type: "string", placeholder: "ID", summary: "id of an existing job to run in" },
  queueTimeoutMs: {
    type: "number",
    range: { isEndless: true },
    summary: "milliseconds that stages in different jobs wait for each other in the queue",
    defaultText: "60000",
  },
  chain: {
    type: "string",
    placeholder: "PATH",
    summary: "path of execvm on the nodes, to run chains with it",
  },
  tty: { type: "boolean", summary: "allocate a terminal for the command", alias: "t" },
  ...REMOTE_OPTION_SPECS,
  ...COPY_OPTION_SPECS,
};

/** Options of srun that would break what the runner promises. */
const OURS =
  /^(chdir|error|export|input|jobid|job-name|label|multi-prog|nodes|ntasks|open-mode|output|overlap|pty|unbuffered)$/;

/**
 * Checks the values that Slurm would misinterpret; what Slurm itself rejects is left to it.
 *
 * @throws {TypeError | RangeError} if an option is invalid.
 */
export function checkSlurmOptions(given: SlurmOptions): void {
  checkRemoteOptions(given);
  // From JSON or JavaScript they may be anything.
  const { options = {}, job }: { [key in keyof SlurmOptions]: unknown } = given;
  if (job !== undefined && !/^\d+$/.test(String(job))) {
    throw new TypeError(`cannot run in the Slurm job ${JSON.stringify(job)}: that is not a job id`);
  }
  checkCopies(given, "any");
  requireNumbers("run on Slurm", given, SLURM_OPTION_SPECS);
  for (const [name, value] of Object.entries(Object(options))) {
    const isOption = typeof value === "string" && /^[a-z][a-z0-9-]*$/.test(name);
    if (isOption && !OURS.test(name)) continue;
    const fact = isOption ? "execvm sets that itself" : "it is not name=value";
    throw new TypeError(`cannot give srun the option ${JSON.stringify(name)}: ${fact}`);
  }
}
