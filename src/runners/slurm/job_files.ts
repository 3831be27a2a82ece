// Keeps the log of a job, and removes the log and the job if this process is killed.

import { makeTempFile } from "../../host/temp_folder.ts";
import { killWithUs } from "../../host/watchdog.ts";
import { ownEnvironment } from "../../libc/environment.ts";
import { cancelArgv } from "./cluster.ts";

/** Variables by which Slurm's programs find their cluster. */
const CLUSTER_VARIABLES = /^(PATH|HOME|LD_LIBRARY_PATH|SLURM_CONF|SLURM_CLUSTERS|SLURM_JWT)$/;

/**
 * The log of srun or salloc. Until this is disposed, the job is cancelled if this process is
 * killed.
 */
export class JobFiles implements Disposable {
  /** The path of the log. */
  readonly log: string;
  readonly #cleanup: readonly Disposable[];

  /** @param name of the job, unique */
  constructor(name: string) {
    const cancel = ["env", ...clusterVariables(), ...cancelArgv(name)];
    const { path, cleanup } = makeTempFile({ prefix: "execvm-slurm-" });
    this.log = path;
    this.#cleanup = [cleanup, killWithUs({ command: cancel })];
  }

  /** Returns the log so far; empty if it cannot be read. */
  read(): string {
    try {
      return Deno.readTextFileSync(this.log);
    } catch {
      return ""; // something has removed it
    }
  }

  [Symbol.dispose](): void {
    for (const cleanup of this.#cleanup) cleanup[Symbol.dispose]();
    try {
      Deno.removeSync(this.log);
    } catch {
      // It is gone.
    }
  }
}

/** Returns the variables by which the cluster is found, each as NAME=VALUE. */
function clusterVariables(): readonly string[] {
  return Object.entries(ownEnvironment())
    .filter(([name]) => CLUSTER_VARIABLES.test(name)).map(([name, value]) => `${name}=${value}`);
}
