// One stage of a live view as a line: runner, state, time, bytes, rate, command. Pure.

import { printableLine } from "../host/printable.ts";
import { quoteArgv, wordText } from "../host/quote.ts";
import type { StageBytes, StageResult } from "../model/result.ts";
import type { OutlinedStage } from "../model/run_observer.ts";
import type { ScreenLine } from "./screen.ts";
import { fitText, textWidth } from "./text_width.ts";
import { formatBytes, formatDuration } from "./units.ts";

/** What is known of a stage by now. */
export interface StageState {
  readonly outline: OutlinedStage;
  /** What it does; `undefined` if it has not begun. */
  readonly phase: string | undefined;
  readonly detail?: string | undefined;
  /** How it ended; `undefined` while it runs. */
  readonly result?: StageResult | undefined;
  /** Milliseconds since it began, or that it took. */
  readonly ageMs: number;
  readonly bytes: StageBytes;
  /** Bytes a second lately, where they are known. */
  readonly rate?: number | undefined;
}

/** How lines are to look. */
export interface LineStyle {
  readonly columns: number;
  readonly colours: boolean;
}

/** What stands where nothing is known. */
const UNKNOWN = "-";

/** Widths of the columns before the command. */
const RUNNER = 6;
const STATE = 9;
const TIME = 10;
const BYTES = 8;
const RATE = 10;

/** Select Graphic Rendition (ECMA-48 SGR). */
const GREEN = 32;
const RED = 31;
const CYAN = 36;

/** What a stage was fed or gave, whichever is more; `undefined` if neither is known. */
export function mostBytes({ bytesIn, bytesOut }: StageBytes): number | undefined {
  if (bytesIn === undefined || bytesOut === undefined) return bytesIn ?? bytesOut;
  return Math.max(bytesIn, bytesOut);
}

/** The line; it is narrower than the terminal, so that no letter wraps. */
export function stageLine(state: StageState, { columns, colours }: LineStyle): ScreenLine {
  const { outline, ageMs, phase, rate } = state;
  const bytes = mostBytes(state.bytes);
  const head = column(outline.runner, RUNNER);
  const middle = column(stateWord(state), STATE);
  const rest = [
    phase === undefined ? UNKNOWN.padStart(TIME) : formatDuration(ageMs).padStart(TIME),
    (bytes === undefined ? UNKNOWN : formatBytes(bytes)).padStart(BYTES),
    (rate === undefined ? UNKNOWN : `${formatBytes(rate)}/s`).padStart(RATE),
    ` ${story(state)}`,
  ].join(" ");
  const text = fitText(`${head} ${middle} ${rest}`, columns - 1);
  if (!colours) return { text };
  const code = stateColour(state);
  return { text, dress: (plain) => plain.replace(middle, `\x1b[${code}m${middle}\x1b[0m`) };
}

function stateWord({ phase, result }: StageState): string {
  if (result === undefined) return phase ?? "waiting";
  if (result.signal !== undefined) return result.signal;
  return result.code === 0 ? "done" : `exit ${result.code}`;
}

function stateColour({ result }: StageState): number {
  if (result === undefined) return CYAN;
  return result.code === 0 ? GREEN : RED;
}

function story({ outline: { argv }, detail, result }: StageState): string {
  if (detail === undefined || result !== undefined) return printableLine(quoteArgv(argv), 300);
  return printableLine(`${wordText(argv[0] ?? "")}: ${detail}`, 300);
}

function column(word: string, width: number): string {
  const fitted = fitText(printableLine(word, 100), width);
  return fitted + " ".repeat(width - textWidth(fitted));
}
