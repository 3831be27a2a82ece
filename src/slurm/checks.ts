// What this machine has for a Slurm cluster. Nothing of it is required, as everything else works without.

import type { Finding } from "../finding.ts";

/** Whether Slurm's programs are there. */
export async function checkSlurm(): Promise<Finding> {
  const what = "slurm";
  try {
    const { stdout } = await new Deno.Command("srun", { args: ["--version"], stdin: "null" })
      .output();
    const version = /^slurm\S* (\S+)/.exec(new TextDecoder().decode(stdout))?.[1];
    if (version !== undefined) return { state: "ok", what, fact: `srun ${version}` };
  } catch {
    // It is not there.
  }
  const advice = "Work where you would submit jobs, or as root run: apt-get install slurm-client";
  return { state: "warn", what, fact: "srun is not there, or does not run", advice };
}
