// Formats a measured row as text.

import type { Line, RowResult, TargetResult, Unit } from "./row.ts";

const HEADINGS = ["contender", "min", "median", "max", "ratio"];

/** Returns the lines of a row: its title, one per contender, one per target. */
export function renderRow(row: RowResult): string {
  const better = row.unit.endsWith("/s") ? "more" : "less";
  return [
    `${row.name}: ${row.title} (${row.unit}, ${better} is better; ${row.rounds} rounds)`,
    ...alignColumns([HEADINGS, ...row.lines.map(toCells)]).map((line) => `  ${line}`),
    ...row.targets.map((target) => `  ${renderTarget(target, row.unit)}`),
  ].join("\n");
}

/** Pads cells so that columns align: the first to the left, numbers to the right. */
export function alignColumns(table: readonly (readonly string[])[]): string[] {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((cells) => cells[column]!.length))
  );
  return table.map((cells) =>
    cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
    ).join("  ")
  );
}

/** Formats a number with three significant digits, without an exponent. */
export function formatNumber(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3;
  return value.toFixed(digits);
}

function toCells({ name, min, median, max, ratio }: Line): string[] {
  return [name, ...[min, median, max].map(formatNumber), `${formatNumber(ratio)}x`];
}

function renderTarget({ contender, against, limit, value, met }: TargetResult, unit: Unit): string {
  const suffix = against === undefined ? ` ${unit}` : "x";
  const of = against === undefined ? "" : ` of ${against}`;
  const wanted = "atLeast" in limit ? `at least ${limit.atLeast}` : `at most ${limit.atMost}`;
  const fact = `${formatNumber(value)}${suffix}`;
  return `to reach: ${contender} ${wanted}${suffix}${of}: ${fact}, ${met ? "met" : "NOT MET"}`;
}
