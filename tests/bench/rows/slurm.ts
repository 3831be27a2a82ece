// The cost of a command on a node of a Slurm cluster, compared with plain `srun`.

import { slurm } from "../../../mod.ts";
import { SLURM, useCluster } from "../../support/slurm.ts";
import { isInstalled } from "../../support/tools.ts";
import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { outputOf, requireOutput } from "../run_child.ts";
import type { Sizes } from "./sizes.ts";

const PLAIN = "srun";

/** Returns the rows for Slurm; none if the tests' cluster cannot be started. */
export function slurmRows({ rounds }: Sizes): Row[] {
  if (!SLURM.every(isInstalled)) return [];
  return [{
    name: "slurm-command",
    title: "a command on a node of a cluster: echo x, to its end",
    unit: "ms",
    rounds,
    baseline: PLAIN,
    prepare: useCluster,
    contenders: [
      command(PLAIN, () => outputOf("srun", ["-Q", "--nodes=1", "--ntasks=1", "echo", "x"])),
      command("execvm", async () => `${await slurm().cmd("echo", "x").text()}\n`),
    ],
    targets: [{ contender: "execvm", against: PLAIN, limit: { atMost: 1.2 } }],
  }];
}

function command(name: string, run: () => Promise<string>): Contender {
  return {
    name,
    async measure() {
      const started = performance.now();
      const output = await run();
      const ms = performance.now() - started;
      requireOutput(name, output, "x\n");
      return ms;
    },
  };
}
