// Checks whether this machine can use a Slurm cluster; that is optional, so problems are only
// warnings.

import type { CheckResult } from "../../host/check_result.ts";
import { toolPath } from "../../host/program_path.ts";

/** Checks that Slurm's programs are installed and find a cluster. */
export async function checkSlurm(): Promise<CheckResult> {
  const what = "slurm";
  try {
    const command = new Deno.Command(toolPath("srun"), { args: ["--version"], stdin: "null" });
    const { success, stdout } = await command.output();
    const version = /^slurm\S* (\S+)/.exec(new TextDecoder().decode(stdout))?.[1];
    if (success) return { state: "ok", what, fact: `srun ${version}` };
    const advice = "Run this where you submit jobs, or set SLURM_CONF";
    return { state: "warn", what, fact: "srun is there, but finds no cluster", advice };
  } catch {
    const advice = "Run this where you submit jobs, or as root run: apt-get install slurm-client";
    return { state: "warn", what, fact: "srun is not there, or does not run", advice };
  }
}
