// What this machine has for a Slurm cluster. Nothing of it is required, as everything else works without.

import type { CheckResult } from "../../host/check_result.ts";
import { toolPath } from "../../host/program_path.ts";

/** Whether Slurm's programs are there, and find a cluster. */
export async function checkSlurm(): Promise<CheckResult> {
  const what = "slurm";
  try {
    const command = new Deno.Command(toolPath("srun"), { args: ["--version"], stdin: "null" });
    const { success, stdout } = await command.output();
    const version = /^slurm\S* (\S+)/.exec(new TextDecoder().decode(stdout))?.[1];
    if (success) return { state: "ok", what, fact: `srun ${version}` };
    const advice = "Work where you would submit jobs, or set SLURM_CONF";
    return { state: "warn", what, fact: "srun is there, but finds no cluster", advice };
  } catch {
    const advice = "Work where you would submit jobs, or as root run: apt-get install slurm-client";
    return { state: "warn", what, fact: "srun is not there, or does not run", advice };
  }
}
