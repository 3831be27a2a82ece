// A few lines at the bottom of a terminal that change in place. Each frame is one write, which overwrites the
// one before line by line: there is no moment at which it is blank.

/** A line: its letters, and how they are dressed once they fit. */
export interface ScreenLine {
  /** At most as wide as the terminal. */
  readonly text: string;
  /** Adds sequences that take no room. */
  readonly dress?: (text: string) => string;
}

/** What a screen draws on. */
export interface ScreenTarget {
  /** Writes all of it at once. */
  write(text: string): void;
  size(): { readonly columns: number; readonly rows: number };
}

/** To the end of the line, and of the screen (ECMA-48 EL and ED). */
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** The lines. The cursor is at the end of the last one while they are shown. */
export class Screen {
  readonly #target: ScreenTarget;
  /** Widths of the lines that are shown. */
  #shown: readonly number[] = [];

  /** @param widthOf columns that text takes at most */
  constructor(target: ScreenTarget, readonly widthOf: (text: string) => number) {
    this.#target = target;
  }

  /** Shows these lines in place of those that are shown; a terminal that is too low has the first ones. */
  draw(lines: readonly ScreenLine[]): void {
    const { rows } = this.#target.size();
    const fitting = lines.slice(0, Math.max(rows - 1, 1));
    const frame = fitting.map(({ text, dress = (plain) => plain }) =>
      `${dress(text)}${CLEAR_LINE}`
    );
    this.#target.write(`${this.#home()}${frame.join("\r\n")}${CLEAR_BELOW}`);
    this.#shown = fitting.map(({ text }) => this.widthOf(text));
  }

  /** Takes them away: the cursor is where the first one began. */
  clear(): void {
    if (this.#shown.length === 0) return;
    this.#target.write(`${this.#home()}${CLEAR_BELOW}`);
    this.#shown = [];
  }

  /** To where the first line begins. Lines that were as wide as a terminal that is narrower now take more rows. */
  #home(): string {
    const { columns } = this.#target.size();
    const rows = this.#shown.map((width) => Math.max(Math.ceil(width / columns), 1));
    const up = rows.reduce((sum, each) => sum + each, 0) - 1;
    return up > 0 ? `\r\x1b[${up}A` : "\r";
  }
}
