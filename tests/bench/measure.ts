// Takes samples of contenders in turn, and computes statistics of them. All but `roundRobin` is
// pure.

/** A way to do what a row measures. */
export interface Contender {
  readonly name: string;
  /** Does it once, and returns the value in the unit of the row. Throws if its output is wrong. */
  measure(): Promise<number>;
}

/** The samples of each contender by name, in the order of the rounds. */
export type Samples = ReadonlyMap<string, readonly number[]>;

/**
 * Measures all contenders in turn, `rounds` times, so that what disturbs the machine for a while
 * hits all alike. A first round, in which files are cached and modules compiled, is dropped.
 */
export async function roundRobin(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Samples> {
  const samples = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      const value = await contender.measure();
      if (round > 0) samples.get(contender.name)!.push(value);
    }
  }
  return samples;
}

/** The spread of samples. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Returns the spread of samples. @throws {RangeError} if there are none. */
export function spread(samples: readonly number[]): Spread {
  return { min: Math.min(...samples), median: median(samples), max: Math.max(...samples) };
}

/** Returns the median of samples. @throws {RangeError} if there are none. */
export function median(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError("cannot take the median: there are no samples");
  const sorted = samples.toSorted((left, right) => left - right);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/**
 * How many times the baseline the samples are: the median over the rounds of the ratio within each
 * round. What slowed a whole round down cancels out, which it does not in a ratio of two medians.
 *
 * @throws {RangeError} if there are not as many of one as of the other, or none.
 */
export function ratio(samples: readonly number[], baseline: readonly number[]): number {
  if (samples.length !== baseline.length) {
    throw new RangeError(
      `cannot compare ${samples.length} with ${baseline.length} samples: each round gives one`,
    );
  }
  return median(samples.map((value, round) => value / baseline[round]!));
}
