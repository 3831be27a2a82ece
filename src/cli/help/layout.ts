// Lays out a page of help: wrapped at the width of the terminal, with bold titles on a terminal.

/** The properties of the terminal, or of the file, that a page is written to. */
export interface Layout {
  /** Columns that a line may take. */
  readonly width: number;
  /** Whether titles are bold. */
  readonly isBold: boolean;
}

/** An entry of a list: a term and its meaning. */
export type Entry = readonly [term: string, meaning: string];

/** A part of a page: a title, and paragraphs, lists and verbatim lines. */
export interface Section {
  readonly title: string;
  readonly body: readonly (string | { readonly entries: readonly Entry[] } | Verbatim)[];
}

/** Lines that are shown as they are, without wrapping. */
export interface Verbatim {
  readonly lines: readonly string[];
}

const INDENT = 2;
/** The column at which meanings begin; after a longer term the meaning begins on the next line. */
const MEANING = 28;
/** Wider lines are hard to read. */
const WIDEST = 100;
const NARROWEST = 40;

/**
 * Returns the layout for our stdout. The width is `COLUMNS`, else that of the terminal, else 80.
 */
export function ownLayout(): Layout {
  const isTerminal = Deno.stdout.isTerminal();
  const columns = Number.parseInt(Deno.env.get("COLUMNS") ?? "");
  const width = columns > 0 ? columns : isTerminal ? Deno.consoleSize().columns : 80;
  const isPlain = (Deno.env.get("NO_COLOR") ?? "") !== "" || Deno.env.get("TERM") === "dumb";
  return { width: Math.min(WIDEST, Math.max(NARROWEST, width)), isBold: isTerminal && !isPlain };
}

/** Renders a page as text that ends with a newline. */
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

/**
 * Wraps a text into lines of at most `width` characters, which a longer word exceeds.
 *
 * @param indent spaces before each line, part of its width
 */
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
