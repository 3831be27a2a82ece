// Makes the command lines of Slurm's programs. Pure.

/** The resources that a job requests. */
export interface JobRequest {
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  /** Processors of each command. */
  readonly cpus?: number | undefined;
  /** Memory of each command. */
  readonly memoryMib?: number | undefined;
  /** In the form of `--time`. */
  readonly timeLimit?: string | undefined;
  readonly constraint?: string | undefined;
  /** More options of srun and salloc, by long name. */
  readonly options: Readonly<Record<string, string>>;
}

/** A job step to run. */
export interface StepRequest {
  /** The argv on the node. */
  readonly argv: readonly string[];
  readonly tty: boolean;
  /** Its job: a new one with this name, or an existing one and the index of the node in that. */
  readonly job: { readonly name: string } | { readonly id: string; readonly node?: number };
}

/**
 * Returns the argv that runs one task. The task's stderr goes to descriptor 3; 2 is for srun's own
 * messages.
 */
export function srunArgv(request: JobRequest, { argv, tty, job }: StepRequest): readonly string[] {
  const place = "name" in job
    ? [`--job-name=${job.name}`, ...jobFlags(request)]
    : [`--jobid=${job.id}`, "--overlap", ...numbered("relative", job.node)];
  return [
    ...["srun", "-v", "--export=ALL", "--chdir=/", "--mpi=none"],
    ...place,
    ...["--nodes=1", "--ntasks=1"],
    ...(tty ? ["--pty"] : ["--unbuffered", "--error=/dev/fd/3", "--open-mode=append"]),
    "--",
    ...argv,
  ];
}

/**
 * Returns the argv that holds a job for `count` commands, without the program that salloc runs
 * here.
 */
export function sallocArgv(request: JobRequest, name: string, count: number): readonly string[] {
  const { memoryMib, cpus = 1 } = request;
  // `--mem` is per node, and a node may get several commands.
  const memory = memoryMib === undefined ? undefined : Math.ceil(memoryMib / cpus);
  return [
    ...["salloc", `--job-name=${name}`],
    ...jobFlags({ ...request, cpus, memoryMib: undefined }),
    ...named("mem-per-cpu", memory === undefined ? undefined : `${memory}M`),
    `--ntasks=${count}`,
  ];
}

/** Returns the flags of a job, for srun and salloc. */
function jobFlags(request: JobRequest): readonly string[] {
  const { partition, account, cpus, memoryMib, timeLimit, constraint, options } = request;
  return [
    ...named("partition", partition),
    ...named("account", account),
    ...numbered("cpus-per-task", cpus),
    ...named("mem", memoryMib === undefined ? undefined : `${memoryMib}M`),
    ...named("time", timeLimit),
    ...named("constraint", constraint),
    ...Object.entries(options).map(([name, value]) =>
      value === "" ? `--${name}` : `--${name}=${value}`
    ),
  ];
}

function named(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

function numbered(name: string, value: number | undefined): readonly string[] {
  return named(name, value === undefined ? undefined : String(value));
}
