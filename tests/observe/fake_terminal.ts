// A terminal that understands just the escape sequences that a live view writes.

import type { LiveViewTarget } from "../../src/observe/live_view.ts";

/** Displays what is written to it, as a terminal does. */
export class FakeTerminal implements LiveViewTarget {
  /** All that was written, one string per write. */
  readonly writes: string[] = [];
  columns: number;
  readonly #rows: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns = 80, readonly rows = 24) {
    this.columns = columns;
  }

  size(): { columns: number; rows: number } {
    return { columns: this.columns, rows: this.rows };
  }

  writeBytes(bytes: Uint8Array): void {
    this.write(new TextDecoder().decode(bytes).replaceAll("\n", "\r\n")); // as the terminal driver does (ONLCR)
  }

  write(text: string): void {
    this.writes.push(text);
    // deno-lint-ignore no-control-regex
    for (const [part] of text.matchAll(/\x1b\[\d*[A-Za-z]|[^]/gu)) this.#take(part);
  }

  /** The rows, without empty ones at the end. */
  get shown(): string[] {
    const rows = this.#rows.map((row) => row.join("").trimEnd());
    return rows.slice(0, rows.findLastIndex((row) => row !== "") + 1);
  }

  #take(part: string): void {
    if (part === "\r") this.#column = 0;
    else if (part === "\n") this.#rows[++this.#row] ??= [];
    else if (part.endsWith("A") && part.length > 1) this.#row -= Number(part.slice(2, -1));
    else if (part === "\x1b[K") this.#rows[this.#row]!.length = this.#column;
    else if (part === "\x1b[J") {
      this.#rows[this.#row]!.length = this.#column;
      this.#rows.length = this.#row + 1;
    } else if (part.endsWith("m") && part.length > 1) return;
    else if (part.length > 1 && part.startsWith("\x1b")) throw new Error(JSON.stringify(part));
    else this.#put(part);
  }

  #put(letter: string): void {
    if (this.#column >= this.columns) {
      this.#rows[++this.#row] ??= [];
      this.#column = 0;
    }
    this.#rows[this.#row]![this.#column++] = letter;
  }
}
