// What there is of a job on this machine, and in the cluster, that is to be gone when it is over.

import { makeTempFile } from "../../host/temp_folder.ts";
import { killWithUs } from "../../host/watchdog.ts";
import { ownEnvironment } from "../../libc/environment.ts";
import { cancelArgv } from "./cluster.ts";

/** Variables that lead Slurm's programs to their cluster. */
const CLUSTER_VARIABLES = /^(PATH|HOME|LD_LIBRARY_PATH|SLURM_CONF|SLURM_CLUSTERS|SLURM_JWT)$/;

/** The log of srun or salloc. Until it is disposed, the job of a name is cancelled if we are killed. */
export class JobFiles implements Disposable {
  /** Where the log is. */
  readonly log: string;
  readonly #cleanup: readonly Disposable[];

  /** @param name of the job, used for no other */
  constructor(name: string) {
    const cancel = ["env", ...clusterVariables(), ...cancelArgv(name)];
    const { path, cleanup } = makeTempFile({ prefix: "execvm-slurm-" });
    this.log = path;
    this.#cleanup = [cleanup, killWithUs({ command: cancel })];
  }

  /** What has been said so far. */
  read(): string {
    try {
      return Deno.readTextFileSync(this.log);
    } catch {
      return ""; // somebody has tidied up
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

/** What the cluster is found by, as `env` takes it. */
function clusterVariables(): readonly string[] {
  return Object.entries(ownEnvironment())
    .filter(([name]) => CLUSTER_VARIABLES.test(name)).map(([name, value]) => `${name}=${value}`);
}
