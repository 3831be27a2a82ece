// The argv of srun for a command and the options of the runner.

import type { CommandNode } from "../blocks/nodes.ts";
import { nodeArgv } from "../slurm/far_program.ts";
import { type JobRequest, srunArgv, type StepRequest } from "../slurm/srun_argv.ts";
import { innerArgv } from "./inner_argv.ts";
import type { SlurmOptions } from "./slurm_options.ts";

/** The name of a job, which no other has. */
export function newJobName(): string {
  return `execvm-${crypto.randomUUID()}`;
}

/** What the options ask of a job. */
export function jobRequest(options: SlurmOptions): JobRequest {
  const { partition, account, cpus, memoryMib, timeLimit, constraint, options: more } = options;
  return { partition, account, cpus, memoryMib, timeLimit, constraint, options: more ?? {} };
}

/** The argv of srun. A folder that is relative is so to where we are. */
export function stepArgv(
  command: CommandNode,
  options: SlurmOptions,
  job: StepRequest["job"],
): readonly string[] {
  const { env, cwd } = command;
  const here = Deno.cwd();
  const tty = options.tty === true;
  const argv = nodeArgv({
    argv: innerArgv(command, options.chain),
    env,
    cwd: cwd === undefined || cwd.startsWith("/") ? cwd : `${here}/${cwd}`,
    here,
    tty,
  });
  return srunArgv(jobRequest(options), { argv, tty, job });
}
