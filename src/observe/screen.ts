// Draws a few lines at the bottom of a terminal that change in place. Each frame is a single write
// that overwrites the previous one line by line, so that the screen is never blank.

/** A line: its text, and a function that styles the text once it has been cut to fit. */
export interface ScreenLine {
  /** The text, which is cut to the width of the terminal. */
  readonly text: string;
  /** Adds escape sequences, which take no columns. */
  readonly dress?: (text: string) => string;
}

/** The terminal that a screen draws on. */
export interface ScreenTarget {
  /** Writes the whole text at once. */
  write(text: string): void;
  size(): { readonly columns: number; readonly rows: number };
}

/** Erase to the end of the line, and of the screen (ECMA-48 EL and ED). */
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** The lines. While they are shown, the cursor is at the end of the last one. */
export class Screen {
  readonly #target: ScreenTarget;
  /** The widths of the lines shown. */
  #shown: readonly number[] = [];

  /** @param widthOf returns the maximum number of columns of a text */
  constructor(target: ScreenTarget, readonly widthOf: (text: string) => number) {
    this.#target = target;
  }

  /** Replaces the lines shown; if the terminal has too few rows, only the first ones appear. */
  draw(lines: readonly ScreenLine[]): void {
    const { rows } = this.#target.size();
    const fitting = lines.slice(0, Math.max(rows - 1, 1));
    const frame = fitting.map(({ text, dress = (plain) => plain }) =>
      `${dress(text)}${CLEAR_LINE}`
    );
    this.#target.write(`${this.#home()}${frame.join("\r\n")}${CLEAR_BELOW}`);
    this.#shown = fitting.map(({ text }) => this.widthOf(text));
  }

  /** Removes the lines; the cursor is then where the first one began. */
  clear(): void {
    if (this.#shown.length === 0) return;
    this.#target.write(`${this.#home()}${CLEAR_BELOW}`);
    this.#shown = [];
  }

  /**
   * Moves to the begin of the first line. Lines wrap into more rows if the terminal has become
   * narrower.
   */
  #home(): string {
    const { columns } = this.#target.size();
    const rows = this.#shown.map((width) => Math.max(Math.ceil(width / columns), 1));
    const up = rows.reduce((sum, each) => sum + each, 0) - 1;
    return up > 0 ? `\r\x1b[${up}A` : "\r";
  }
}
