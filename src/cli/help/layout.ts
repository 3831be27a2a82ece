// How a page of help is laid out: wrapped at the width of the terminal, with bold titles on one.

/** Where a page is shown. */
export interface Layout {
  /** Columns that a line may take. */
  readonly width: number;
  /** Whether titles are bold. */
  readonly isBold: boolean;
}

/** A term and what it means, as one entry of a list. */
export type Entry = readonly [term: string, meaning: string];

/** A part of a page: a title, and paragraphs, lists, and lines that stay as they are. */
export interface Section {
  readonly title: string;
  readonly body: readonly (string | { readonly entries: readonly Entry[] } | Verbatim)[];
}

/** Lines that are not wrapped. */
export interface Verbatim {
  readonly lines: readonly string[];
}

const INDENT = 2;
/** Where meanings begin; a longer term has its meaning on the next line. */
const MEANING = 28;
/** Wider lines are hard to read. */
const WIDEST = 100;
const NARROWEST = 40;

/** The layout of our stdout: `COLUMNS` has the first word, then the terminal; else it is 80 wide. */
export function ownLayout(): Layout {
  const isTerminal = Deno.stdout.isTerminal();
  const columns = Number.parseInt(Deno.env.get("COLUMNS") ?? "");
  const width = columns > 0 ? columns : isTerminal ? Deno.consoleSize().columns : 80;
  const isPlain = (Deno.env.get("NO_COLOR") ?? "") !== "" || Deno.env.get("TERM") === "dumb";
  return { width: Math.min(WIDEST, Math.max(NARROWEST, width)), isBold: isTerminal && !isPlain };
}

/** The text of a page; it ends with a line end. */
export function toText(sections: readonly Section[], layout: Layout): string {
  return sections.map((section) => sectionText(section, layout)).join("\n");
}

function sectionText({ title, body }: Section, layout: Layout): string {
  const shown = layout.isBold ? `\x1b[1m${title}\x1b[22m` : title;
  const parts = body.map((part) => {
    if (typeof part === "string") return wrap(part, layout.width, INDENT).join("\n");
    if ("lines" in part) return part.lines.map((line) => " ".repeat(INDENT) + line).join("\n");
    return part.entries.map((entry) => entryText(entry, layout)).join("\n");
  });
  return `${shown}\n${parts.join("\n\n")}\n`;
}

function entryText([term, meaning]: Entry, { width }: Layout): string {
  const column = width < 2 * MEANING ? 2 * INDENT + 2 : MEANING;
  const lines = wrap(meaning, width, column);
  const head = " ".repeat(INDENT) + term;
  if (head.length + 2 > column) return [head, ...lines].join("\n");
  return [head.padEnd(column) + (lines[0]?.slice(column) ?? ""), ...lines.slice(1)].join("\n");
}

/** Lines of at most `width` characters, unless a word is longer, each with the indent. */
export function wrap(text: string, width: number, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((word) => word !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && indent + longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((text) => (" ".repeat(indent) + text).trimEnd());
}
