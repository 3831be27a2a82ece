// The Slurm runner: commands run on the nodes of a cluster.

import { givenOptions } from "./given_options.ts";
import { makeRunner, type Runner, type RunnerType } from "./runner.ts";
import { startBySrun } from "./slurm_command.ts";
import { SlurmGathering } from "./slurm_gathering.ts";
import { newJobName, stepArgv } from "./slurm_argv.ts";
import { checkSlurmOptions, SLURM_OPTION_SPECS, type SlurmOptions } from "./slurm_options.ts";

/** What a plan shows, as each job gets a name of its own. */
const ANY_NAME = "NAME";

/**
 * Runs each command on a node of a Slurm cluster, as a job of its own by `srun`. Its argv, streams,
 * signals and status are as those of a local process; its environment is ours and its folder, if it is
 * there too, with what the command itself says on top. While a job waits it says so, and why.
 *
 * Nodes need a POSIX `sh`. A command that exits with 128+n by itself cannot be told from one that died
 * of signal n. What it leaves in the background ends with it. Argv and variables can be read by all users
 * of both machines.
 *
 * @throws {TypeError} if an option is not what it should be.
 *
 * @example
 * ```ts
 * import { slurm } from "./mod.ts";
 *
 * await slurm({ partition: "short", cpus: 4 }).cmd("make", "-j4").run();
 * ```
 */
export function slurm(options: SlurmOptions = {}): Runner {
  checkSlurmOptions(options);
  const place = (name: string) => options.job === undefined ? { name } : { id: options.job };
  return makeRunner({
    kind: "slurm",
    options: givenOptions(options, SLURM_OPTION_SPECS),
    argv: (command) => stepArgv(command, options, place(ANY_NAME)),
    start(command, stdio, tell) {
      const name = newJobName();
      const argv = stepArgv(command, options, place(name));
      return startBySrun({ argv, name, tty: options.tty === true, tell }, stdio);
    },
    gather: (runners) => new SlurmGathering(runners),
  });
}

/** The kind of runner that {@linkcode slurm} makes. */
export const slurmType: RunnerType = {
  kind: "slurm",
  summary: "a node of a Slurm cluster",
  place: "partition",
  options: SLURM_OPTION_SPECS,
  create: (options) => slurm(options as unknown as SlurmOptions),
};
