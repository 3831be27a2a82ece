// Reports how long the parts of a run took, and its slowest files.

/** How long a part took, from its first start to its last end. */
export interface PartTime {
  readonly name: string;
  readonly ms: number;
  /** How long each of its files took; running concurrently makes files slower. */
  readonly files: readonly (readonly [file: string, ms: number])[];
}

/** At most how many files are listed, and the least time that they took. */
const SHOWN_FILES = 30;
const SHOWN_MS = 5000;

/** Runs something and measures its time. */
export async function timed<T>(name: string, run: () => Promise<T>): Promise<[T, PartTime]> {
  const start = performance.now();
  const result = await run();
  return [result, { name, ms: performance.now() - start, files: [] }];
}

/** Returns a line for each part and for slow files; none if nothing was slow. */
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
