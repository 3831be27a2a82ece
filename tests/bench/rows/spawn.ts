// The cost of starting a process and waiting for it.

import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { runChild } from "../run_child.ts";
import type { Sizes } from "./sizes.ts";

const WARMUPS = 20;

const BARE = "Deno.Command, all piped";
const BARE_FORWARD = "Deno.Command, stderr piped";
const BARE_INHERIT = "Deno.Command, inherit";

/** `true`, many times in one process. */
export function spawnRow({ rounds, spawns }: Sizes): Row {
  const child = (name: string, contender: string, job = "spawn"): Contender => {
    const request = { contender, job, warmups: WARMUPS, count: spawns, expected: "0" };
    return { name, measure: async () => (await runChild(request)).meanMs };
  };
  return {
    name: "spawn",
    title: `starting true and waiting, the mean of ${spawns} in one process`,
    unit: "ms",
    rounds,
    baseline: BARE,
    contenders: [
      child(BARE, "deno"),
      child(BARE_FORWARD, "deno", "spawnForward"),
      child(BARE_INHERIT, "deno", "spawnInherit"),
      child("execvm", "execvm"),
      child("execvm, stderr inherit", "execvm", "spawnInherit"),
      child("execa", "execa"),
      child("zx", "zx"),
      child("dax", "dax"),
    ],
    targets: [
      { contender: "execvm", against: BARE, limit: { atMost: 1.5 } },
      { contender: "execvm", against: BARE_FORWARD, limit: { atMost: 1.5 } },
      { contender: "execvm, stderr inherit", against: BARE_INHERIT, limit: { atMost: 1.5 } },
    ],
  };
}
