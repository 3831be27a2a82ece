// The Slurm runner: commands run on the nodes of a cluster.

import type { RunnerRef } from "../../model/nodes.ts";
import { givenOptions } from "../contract/given_options.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { innerStepArgv, newJobName, stepArgv } from "./job_argv.ts";
import {
  checkSlurmOptions,
  type GivenSlurmOptions,
  QUEUE_MS,
  SLURM_OPTION_SPECS,
  type SlurmOptions,
} from "./options.ts";

/** What a plan shows, as each job gets a name of its own. */
const ANY_NAME = "NAME";
const ANY_EXECVM = { execvm: ["EXECVM"], verdict: ":TOKEN" } as const;

/**
 * Runs each command on a node of a Slurm cluster, as a job of its own by `srun`. Its argv, streams,
 * signals and status are as those of a local process; its environment is ours and its folder, if it is
 * there too, with what the command itself says on top. While a job waits it says so, and why.
 *
 * Nodes need a POSIX `sh`. A command that exits with 128+n by itself cannot be told from one that died
 * of signal n. What it leaves in the background ends with it. Argv and variables can be read by all users
 * of both machines.
 *
 * With an `inner` runner each command is run by that one on the node, in a virtual machine for one. An
 * execvm there does it, so that codes and signals are told apart, other than on a terminal. Nodes share the
 * folders of users. The job asks for the processors and the memory that a machine inside is given, and room
 * to run it, unless told otherwise.
 *
 * @throws {TypeError | RangeError} if an option is not what it should be.
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
  const given: GivenSlurmOptions = givenOptions(options, SLURM_OPTION_SPECS);
  const place = (name: string) => given.job === undefined ? { name } : { id: given.job };
  return makeRunner({
    kind: "slurm",
    options: given as RunnerRef["options"],
    argv(command) {
      const job = place(ANY_NAME);
      if (given.inner === undefined) return stepArgv(command, given, job);
      return innerStepArgv(command, { options: given, job }, ANY_EXECVM);
    },
    async start(command, stdio, onPhase) {
      const { startStep } = await import("./step.ts");
      const name = newJobName();
      return await startStep(command, { options: given, job: place(name), name, onPhase }, stdio);
    },
    async startTogether(runners) {
      const { SlurmGathering } = await import("./gang.ts");
      return new SlurmGathering(runners);
    },
    waitMs: given.queueTimeoutMs ?? QUEUE_MS,
  });
}
