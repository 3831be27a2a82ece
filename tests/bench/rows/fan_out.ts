// The cost of many items, compared with other ways to distribute them: xargs, a loop.

import { cmd, each, type Runner, slurm, vm } from "../../../mod.ts";
import { findKernel } from "../../../src/kernels/find.ts";
import { SLURM, useCluster } from "../../support/slurm.ts";
import { isInstalled } from "../../support/tools.ts";
import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { outputOf, requireOutput } from "../run_child.ts";
import type { Sizes } from "./sizes.ts";

const AT_ONCE = 4;
const XARGS = `xargs -P ${AT_ONCE}`;
const CLONES = "vm()";
const LOOP = "a loop of srun";

/** Returns the rows for fan-outs; those for machines and clusters only if these are available. */
export async function fanOutRows({ rounds, cloneRounds, fanOutItems }: Sizes): Promise<Row[]> {
  const { local: many, vm: machines, slurm: jobs } = fanOutItems;
  const hasVm = isInstalled("qemu-system-x86_64") && await findKernel() !== undefined;
  return [
    {
      ...rowOf("local", many, XARGS),
      rounds,
      contenders: [itemsOf(XARGS, many, throughXargs), itemsOf("execvm each", many, throughEach())],
      targets: [{ contender: "execvm each", against: XARGS, limit: { atLeast: 0.3 } }],
    },
    ...hasVm ? [vmRow(machines, Math.min(cloneRounds, 3))] : [],
    ...SLURM.every(isInstalled) ? [slurmRow(jobs, Math.min(rounds, 3))] : [],
  ];
}

function rowOf(where: string, items: number, baseline: string) {
  return {
    name: `fan-out-${where}`,
    title: `${items} times echo N, ${AT_ONCE} at once`,
    unit: "items/s",
    baseline,
  } as const;
}

function vmRow(items: number, rounds: number): Row {
  const pool = vm({ accel: "tcg", pool: AT_ONCE });
  const clones = vm({ accel: "tcg" });
  const pooled = `vm({ pool: ${AT_ONCE} })`;
  return {
    ...rowOf("vm", items, CLONES),
    rounds,
    prepare: async () => void await clones.cmd("true").run(), // makes the template
    contenders: [
      itemsOf(CLONES, items, throughEach(clones)),
      itemsOf(pooled, items, throughEach(pool)),
    ],
    targets: [],
  };
}

function slurmRow(items: number, rounds: number): Row {
  return {
    ...rowOf("slurm", items, LOOP),
    rounds,
    prepare: useCluster,
    contenders: [
      itemsOf(LOOP, items, throughLoop),
      itemsOf("xargs -P of srun", items, (count) => throughXargs(count, "srun")),
      itemsOf("execvm each", items, throughEach(slurm())),
    ],
    targets: [{ contender: "execvm each", against: LOOP, limit: { atLeast: 1 } }],
  };
}

/** The expected output for this number of items, in order. */
type Through = (items: number) => Promise<readonly string[]>;

function itemsOf(name: string, items: number, through: Through): Contender {
  const expected = Array.from({ length: items }, (_, index) => `${index}`).sort().join();
  return {
    name,
    async measure() {
      const started = performance.now();
      const outputs = await through(items);
      const seconds = (performance.now() - started) / 1000;
      requireOutput(name, outputs.toSorted().join(), expected);
      return items / seconds;
    },
  };
}

function throughEach(runner?: Runner): Through {
  return (items) =>
    each(Array(items).keys(), (n) => cmd("echo", `${n}`), { concurrency: AT_ONCE })
      .text(runner && { runner });
}

/** Passes each item as the argument of a separate process. */
async function throughXargs(items: number, ...before: string[]): Promise<readonly string[]> {
  const script = 'last=$1; at_once=$2; shift 2; seq 0 "$last" | xargs -P "$at_once" -n 1 "$@" echo';
  const args = ["-c", script, "sh", `${items - 1}`, `${AT_ONCE}`, ...before];
  return lines(await outputOf("sh", args));
}

async function throughLoop(items: number): Promise<readonly string[]> {
  const script = 'for item in $(seq 0 "$1"); do srun echo "$item" </dev/null; done';
  return lines(await outputOf("sh", ["-c", script, "sh", `${items - 1}`]));
}

function lines(text: string): readonly string[] {
  return text.trimEnd().split("\n");
}
