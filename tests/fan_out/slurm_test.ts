// A fan-out over a real Slurm cluster of two nodes.

import assert from "node:assert/strict";
import { each, slurm } from "../../mod.ts";
import { NODE_CPUS, SLURM, useCluster } from "../support/slurm.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";
import { sh } from "./fixture.ts";

await useCluster();

const ITEMS = 500;

/** Prints its node, once both nodes have run an item. */
const SCRIPT = `
: > "$2/$SLURMD_NODENAME"
until [ -e "$2/n1" ] && [ -e "$2/n2" ]; do sleep 0.1; done
echo "$1 $SLURMD_NODENAME"`;

Deno.test({
  ...needs(`${ITEMS} items run on two Slurm nodes, and come in order`, ...SLURM),
  async fn() {
    const numbers = Array.from({ length: ITEMS }, (_, index) => index);
    const concurrency = NODE_CPUS + NODE_CPUS / 2; // more than the processors of one node
    using folder = tempDir();
    const fan = each(numbers, (n) => sh(SCRIPT, `${n}`, folder.path), { concurrency });
    const outputs = (await fan.text({ runner: slurm() })).map((output) => output.split(" "));
    assert.deepEqual(outputs.map(([number]) => number), numbers.map(String));
    assert.deepEqual([...new Set(outputs.map(([, node]) => node))].sort(), ["n1", "n2"]);
  },
});

Deno.test({
  ...needs("items fail if they wait for nodes that the commands behind them hold", ...SLURM),
  async fn() {
    const whole = slurm({ cpus: NODE_CPUS, queueTimeoutMs: 3000 });
    const run = each([0, 1], () => whole.cmd("true")).pipe(whole.cmd("cat")).pipe(whole.cmd("cat"))
      .text();
    await assert.rejects(run, { name: "RunnerError", message: /run that command elsewhere/ });
  },
});
