// Formats one stage of the live view as a line: runner, state, time, bytes, rate, command. Pure.

import { printableLine } from "../host/printable.ts";
import { quoteArgv, wordText } from "../host/quote.ts";
import { describeLink } from "../model/failed_link.ts";
import type { StageBytes, StageResult } from "../model/result.ts";
import type { OutlinedStage } from "../model/run_observer.ts";
import type { ScreenLine } from "./screen.ts";
import { fitText, textWidth } from "./text_width.ts";
import { formatBytes, formatDuration } from "./units.ts";

/** The current state of a stage. */
export interface StageState {
  readonly outline: OutlinedStage;
  /** Shown before the command, such as the index of its item. */
  readonly label?: string;
  /** The current phase; `undefined` if it has not started. */
  readonly phase: string | undefined;
  readonly detail?: string | undefined;
  /** The end; `undefined` while the stage runs. */
  readonly result?: StageResult | undefined;
  /** Milliseconds since the start, or until the end. */
  readonly ageMs: number;
  readonly bytes: StageBytes;
  /** The recent rate in bytes per second, if known. */
  readonly rate?: number | undefined;
}

/** How lines are formatted. */
export interface LineStyle {
  readonly columns: number;
  readonly colours: boolean;
}

/** Shown in place of an unknown value. */
const UNKNOWN = "-";

/** The widths of the columns before the command. */
const RUNNER = 6;
const STATE = 9;
const TIME = 10;
const BYTES = 8;
const RATE = 10;

/** Select Graphic Rendition (ECMA-48 SGR). */
const GREEN = 32;
const RED = 31;
const CYAN = 36;

/** Returns the bytes read or written, whichever is more; `undefined` if neither is known. */
export function mostBytes({ bytesIn, bytesOut }: StageBytes): number | undefined {
  if (bytesIn === undefined || bytesOut === undefined) return bytesIn ?? bytesOut;
  return Math.max(bytesIn, bytesOut);
}

/** Returns the line, which is narrower than the terminal, so that it does not wrap. */
export function stageLine(state: StageState, { columns, colours }: LineStyle): ScreenLine {
  const { outline, ageMs, phase, rate } = state;
  const bytes = mostBytes(state.bytes);
  const head = column(outline.runner, RUNNER);
  const middle = column(stateWord(state), STATE);
  const rest = [
    phase === undefined ? UNKNOWN.padStart(TIME) : formatDuration(ageMs).padStart(TIME),
    (bytes === undefined ? UNKNOWN : formatBytes(bytes)).padStart(BYTES),
    (rate === undefined ? UNKNOWN : `${formatBytes(rate)}/s`).padStart(RATE),
    ` ${state.label === undefined ? "" : `${state.label}: `}${story(state)}`,
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
  const failed = result?.failedLink;
  if (failed !== undefined) {
    return printableLine(`${describeLink(failed)}: ${quoteArgv(argv)}`, 300);
  }
  if (detail === undefined || result !== undefined) return printableLine(quoteArgv(argv), 300);
  return printableLine(`${wordText(argv[0] ?? "")}: ${detail}`, 300);
}

function column(word: string, width: number): string {
  const fitted = fitText(printableLine(word, 100), width);
  return fitted + " ".repeat(width - textWidth(fitted));
}
