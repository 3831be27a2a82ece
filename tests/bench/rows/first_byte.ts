// The time until the output of a command arrives.

import type { ChildReport } from "../child.ts";
import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { runChild } from "../run_child.ts";
import type { Sizes } from "./sizes.ts";

const WARMUPS = 20;
const BARE = "Deno.Command";

/** Measures `echo x` until its text has arrived: the first time in a process, and repeatedly. */
export function firstByteRows({ rounds, spawns }: Sizes): Row[] {
  const common = { unit: "ms", rounds, baseline: BARE, targets: [] } as const;
  return [
    {
      ...common,
      name: "first-byte-cold",
      title: "the text of echo x, the first in a process (modules are loaded)",
      contenders: contenders({ warmups: 0, count: 1 }, ({ firstMs }) => firstMs),
    },
    {
      ...common,
      name: "first-byte-warm",
      title: `the text of echo x, the mean of ${spawns} in one process`,
      contenders: contenders({ warmups: WARMUPS, count: spawns }, ({ meanMs }) => meanMs),
    },
  ];
}

function contenders(
  calls: { warmups: number; count: number },
  value: (report: ChildReport) => number,
): Contender[] {
  const child = (name: string, contender: string): Contender => ({
    name,
    measure: async () => value(await runChild({ contender, job: "echo", expected: "x", ...calls })),
  });
  return [
    child(BARE, "deno"),
    child("execvm", "execvm"),
    child("execa", "execa"),
    child("zx", "zx"),
    child("dax", "dax"),
  ];
}
