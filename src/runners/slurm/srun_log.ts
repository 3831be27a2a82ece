// Parses the logs of `srun -v` and salloc. Pure.

/** What a log says about a job and its step. */
export interface StepFacts {
  /** The id of the job, once it is known. */
  readonly job: string | undefined;
  /** `JOB.STEP`, once it is launched. */
  readonly step: string | undefined;
  /** The node that it is launched on. */
  readonly node: string | undefined;
  /** Whether the job waits in the queue. */
  readonly isQueued: boolean;
  /** Whether the command has started. */
  readonly isStarted: boolean;
  /** The task's wait status, as of wait(2). */
  readonly taskStatus: number | undefined;
  /** The error messages, one line each. */
  readonly errors: readonly string[];
}

/** Parses the log of srun or salloc, which may be incomplete. */
export function readSrunLog(log: string): StepFacts {
  const [, status] = /\(status=0x([0-9a-f]+)\)/i.exec(log) ?? [];
  const [, exitCode] = /^srun: error: \S+: task 0: Exited with exit code (\d+)$/m.exec(log) ?? [];
  const isLaunched = /^srun: launching StepId=/m.test(log);
  return {
    job: first(log, /^(?:srun|salloc): (?:jobid|job) (\d+)\b/m),
    step: first(log, /^srun: launching StepId=(\d+\.\d+)/m),
    node: first(log, /^srun: launching StepId=\S+ on host ([^,\s]+)/m),
    isQueued: !isLaunched && /^(?:srun|salloc): job \d+ queued and waiting/m.test(log) &&
      !/^(?:srun|salloc): job \d+ has been allocated/m.test(log),
    isStarted: /: Node \S+, \d+ tasks? started$/m.test(log),
    taskStatus: status !== undefined
      ? Number.parseInt(status, 16)
      : exitCode === undefined
      ? undefined
      : Number(exitCode) << 8,
    errors: [
      ...log.matchAll(
        /^(?:srun|salloc): (?:error: |fatal: |(?=unrecognized ))(?!\S+: task 0: )(.*)$/gm,
      ),
    ].map((
      [, line],
    ) => line!),
  };
}

function first(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1];
}
