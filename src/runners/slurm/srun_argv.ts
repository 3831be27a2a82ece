// The command lines of Slurm's programs. Pure.

/** What a job asks for. */
export interface JobRequest {
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  /** Processors of each command. */
  readonly cpus?: number | undefined;
  /** Memory of each command. */
  readonly memoryMib?: number | undefined;
  /** As `--time` takes it. */
  readonly timeLimit?: string | undefined;
  readonly constraint?: string | undefined;
  /** More of what srun and salloc take, by the names of their long options. */
  readonly options: Readonly<Record<string, string>>;
}

/** A job step to run. */
export interface StepRequest {
  /** The argv on the node. */
  readonly argv: readonly string[];
  readonly tty: boolean;
  /** Its job: one of its own of this name, or one that is there and the number of its node in that. */
  readonly job: { readonly name: string } | { readonly id: string; readonly node?: number };
}

/** The argv that runs one task. Its stderr goes to descriptor 3, as what srun says goes to 2. */
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

/** The argv that holds a job for `count` commands, up to what it runs here meanwhile. */
export function sallocArgv(request: JobRequest, name: string, count: number): readonly string[] {
  const { memoryMib, cpus = 1 } = request;
  // Memory is asked for by the node otherwise, and nodes get more than one command.
  const memory = memoryMib === undefined ? undefined : Math.ceil(memoryMib / cpus);
  return [
    ...["salloc", `--job-name=${name}`],
    ...jobFlags({ ...request, cpus, memoryMib: undefined }),
    ...named("mem-per-cpu", memory === undefined ? undefined : `${memory}M`),
    `--ntasks=${count}`,
  ];
}

/** The flags of a job. */
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
