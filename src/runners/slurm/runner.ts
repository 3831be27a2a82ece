// The Slurm runner: commands run on nodes of a cluster.

import { copiesAsJson } from "../../model/copy_options.ts";
import type { RunnerRef } from "../../model/nodes.ts";
import { givenOptions } from "../contract/given_options.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { passOn } from "../remote/inner_copies.ts";
import { innerStepArgv, newJobName, stepArgv } from "./job_argv.ts";
import {
  checkSlurmOptions,
  type GivenSlurmOptions,
  QUEUE_MS,
  SLURM_OPTION_SPECS,
  type SlurmOptions,
} from "./options.ts";

/** The job's name in a plan; each real one is unique. */
const ANY_NAME = "NAME";
const ANY_EXECVM = { execvm: ["EXECVM"], verdict: ":TOKEN" } as const;

/**
 * Returns a runner that runs each command on a node of a Slurm cluster, as a separate job by
 * `srun`. Argv, streams, signals and status are those of a local process. The environment is that
 * of this process plus the variables of the command; the working directory is the current one, if
 * the node has it. While a job is queued, its phase and the reason are reported.
 *
 * Nodes need a POSIX `sh`. A command that exits with 128+n by itself cannot be distinguished from
 * one killed by signal n. Background processes end with their command. All users of both machines
 * can read argv and variables.
 *
 * With an `inner` runner, such as `vm()`, an execvm on the node runs each command by that runner.
 * Codes and signals can then be distinguished, except on a terminal. Home folders must be shared
 * with the nodes. By default the job requests the processors and the memory of the inner machine,
 * plus its overhead.
 *
 * @param options what each job requests, and where commands run
 * @throws {TypeError} if an option is invalid.
 * @throws {RangeError} if a number among the options is out of range.
 *
 * @example
 * ```ts
 * import { slurm } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   await slurm({ partition: "short", cpus: 4 }).cmd("make", "-j4").run();
 * }
 * ```
 */
export function slurm(options: SlurmOptions = {}): Runner {
  checkSlurmOptions(options);
  const given: GivenSlurmOptions = givenOptions(copiesAsJson(options), SLURM_OPTION_SPECS);
  const { copies } = passOn(options, given.inner);
  const place = (name: string) => given.job === undefined ? { name } : { id: given.job };
  return makeRunner({
    kind: "slurm",
    options: given as RunnerRef["options"],
    copies,
    argv(command) {
      const job = place(ANY_NAME);
      if (given.inner === undefined) return stepArgv(command, given, job, {});
      return innerStepArgv(command, { options: given, job }, ANY_EXECVM);
    },
    async start(command, stdio, onPhase, copier) {
      const { startStep } = await import("./step.ts");
      const name = newJobName();
      const step = { options: given, job: place(name), name, onPhase, copier };
      return await startStep(command, step, stdio);
    },
    async startTogether(runners) {
      const { SlurmGathering } = await import("./gang.ts");
      return new SlurmGathering(runners);
    },
    waitMs: given.queueTimeoutMs ?? QUEUE_MS,
  });
}
