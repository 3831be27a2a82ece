// A row of the bench: contenders for the same job, and the targets of execvm.

import { type Contender, ratio, roundRobin, type Samples, type Spread, spread } from "./measure.ts";

/** The unit of values. More is better for speeds, less for times and memory. */
export type Unit = "GB/s" | "MB/s" | "items/s" | "ms" | "MiB";

/** The target of a contender: a value or, with `against`, a ratio to that contender. */
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
  /** The contender that ratios relate to. */
  readonly baseline: string;
  readonly contenders: readonly Contender[];
  readonly targets: readonly Target[];
  /** Creates the files that the row needs. */
  readonly prepare?: () => Promise<void>;
}

/** One contender of a measured row. */
export interface Line extends Spread {
  readonly name: string;
  readonly ratio: number;
  readonly samples: readonly number[];
}

/** A target and the measured value. */
export interface TargetResult extends Target {
  readonly value: number;
  readonly met: boolean;
}

/** A measured row, as in the JSON. */
export interface RowResult extends Pick<Row, "name" | "title" | "unit" | "rounds" | "baseline"> {
  readonly lines: readonly Line[];
  readonly targets: readonly TargetResult[];
}

/** Measures a row. @throws the error of a contender: a wrong output, or a failure. */
export async function measureRow(row: Row): Promise<RowResult> {
  await row.prepare?.();
  return toResult(row, await roundRobin(row.contenders, row.rounds));
}

/** Computes the result of a row from its samples. */
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
    throw new RangeError(`cannot compare with ${JSON.stringify(name)}: it is not in the row`);
  }
  return values;
}
