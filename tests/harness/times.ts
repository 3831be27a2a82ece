// How long the parts of a run took, and its slowest files.

/** What a part took, from its first start to its last end. */
export interface PartTime {
  readonly name: string;
  readonly ms: number;
  /** What each of its files took; files that are run beside each other are slower for it. */
  readonly files: readonly (readonly [file: string, ms: number])[];
}

/** Files that are named: so many, and none that took less. */
const SHOWN_FILES = 30;
const SHOWN_MS = 5000;

/** Does something, and says what it took. */
export async function timed<T>(name: string, run: () => Promise<T>): Promise<[T, PartTime]> {
  const start = performance.now();
  const result = await run();
  return [result, { name, ms: performance.now() - start, files: [] }];
}

/** A line for each part, and for its slow files; none where nothing was slow. */
export function timeLines(times: readonly PartTime[]): string[] {
  if (!times.some(({ ms }) => ms >= SHOWN_MS)) return [];
  const files = times.flatMap(({ name, files }) =>
    files.map(([file, ms]) => ({ ms, text: `${file} (${name})` }))
  );
  const slow = files.filter(({ ms }) => ms >= SHOWN_MS).sort((a, b) => b.ms - a.ms);
  return [
    "seconds, of parts:",
    ...times.map(({ name, ms }) => line(ms, name)),
    ...(slow.length > 0 ? ["seconds, of the slowest files:"] : []),
    ...slow.slice(0, SHOWN_FILES).map(({ text, ms }) => line(ms, text)),
  ];
}

function line(ms: number, text: string): string {
  return `${(ms / 1000).toFixed(0).padStart(6)}  ${text}`;
}
