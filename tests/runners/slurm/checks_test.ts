import assert from "node:assert/strict";
import { checkSlurm } from "../../../src/runners/slurm/checks.ts";
import { SLURM, useCluster } from "../../support/slurm.ts";
import { needs } from "../../support/tools.ts";

await useCluster();

Deno.test({
  ...needs("checkSlurm() returns the version of an srun that finds its cluster", ...SLURM),
  async fn() {
    const { state, fact } = await checkSlurm();
    assert.equal(state, "ok");
    assert.match(fact, /^srun \d+\.\d+/);
  },
});
