// One row of the bench: contenders for the same job, and what execvm is to reach in it.

import { type Contender, ratio, roundRobin, type Samples, type Spread, spread } from "./measure.ts";

/** What values are in. Of speeds more is better, of times and memory less. */
export type Unit = "GB/s" | "MB/s" | "items/s" | "ms" | "MiB";

/** What a contender is to reach: a value, or where `against` is given a ratio to that contender. */
export interface Target {
  readonly contender: string;
  readonly against?: string;
  readonly limit: { readonly atLeast: number } | { readonly atMost: number };
}

/** A row to measure. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly rounds: number;
  /** The contender that ratios are given to. */
  readonly baseline: string;
  readonly contenders: readonly Contender[];
  readonly targets: readonly Target[];
  /** Makes the files that the row needs. */
  readonly prepare?: () => Promise<void>;
}

/** One contender of a measured row. */
export interface Line extends Spread {
  readonly name: string;
  readonly ratio: number;
  readonly samples: readonly number[];
}

/** A target and how it went. */
export interface TargetResult extends Target {
  readonly value: number;
  readonly met: boolean;
}

/** A measured row, as it stands in the JSON. */
export interface RowResult extends Pick<Row, "name" | "title" | "unit" | "rounds" | "baseline"> {
  readonly lines: readonly Line[];
  readonly targets: readonly TargetResult[];
}

/** Measures a row. @throws whatever a contender throws: a wrong output, or a failure. */
export async function measureRow(row: Row): Promise<RowResult> {
  await row.prepare?.();
  return toResult(row, await roundRobin(row.contenders, row.rounds));
}

/** What the samples of a row come to. */
export function toResult(row: Row, samples: Samples): RowResult {
  const { name, title, unit, rounds, baseline, targets } = row;
  const base = samplesOf(samples, baseline);
  const lines = [...samples].map(([name, values]) => ({
    name,
    ...spread(values),
    ratio: ratio(values, base),
    samples: values,
  }));
  const results = targets.map((target) => judge(target, samples));
  return { name, title, unit, rounds, baseline, lines, targets: results };
}

function judge(target: Target, samples: Samples): TargetResult {
  const { contender, against, limit } = target;
  const values = samplesOf(samples, contender);
  const value = against === undefined
    ? spread(values).median
    : ratio(values, samplesOf(samples, against));
  return {
    ...target,
    value,
    met: "atLeast" in limit ? value >= limit.atLeast : value <= limit.atMost,
  };
}

function samplesOf(samples: Samples, name: string): readonly number[] {
  const values = samples.get(name);
  if (values === undefined) {
    throw new RangeError(`Cannot compare with ${JSON.stringify(name)} as it is not in the row`);
  }
  return values;
}
