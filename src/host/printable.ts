// Makes untrusted text, such as that of a guest, safe to print on a terminal.

/** Characters that move the cursor, reorder text or break a line (Unicode: Cc, bidi, Zl, Zp). */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Returns text as one line of at most `maxLength` characters, without any that terminals act on.
 */
export function printableLine(text: string, maxLength: number): string {
  const line = text.slice(0, maxLength).replaceAll(/[\t\n]+/g, " ");
  return line.toWellFormed().replaceAll(UNSAFE, "\u{fffd}");
}

/** Escape sequences for titles, links, colours and cursor positions (ECMA-48 OSC, CSI, others). */
const SEQUENCES =
  // deno-lint-ignore no-control-regex
  /\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|[0-Z\\-~])/g;

/**
 * Returns the lines of a console as safe text; output that overwrites a line becomes a new line.
 */
export function printableLines(text: string): string {
  return untrimmedLines(text).trim();
}

/** Like {@linkcode printableLines}, with the space at both ends. */
export function untrimmedLines(text: string): string {
  return toLines(text).map((line) => printableLine(line, line.length)).join("\n");
}

/** As {@linkcode printableLines}, with the tabs and the indentation of the first line. */
export function printableText(text: string): string {
  const safe = toLines(text).map((line) =>
    line.split("\t").map((cell) => printableLine(cell, cell.length)).join("\t")
  );
  return safe.join("\n").trimEnd();
}

/** Firmware, kernels and compilers print colours and positions: dropped, not replaced by U+FFFD. */
function toLines(text: string): string[] {
  const plain = text.replaceAll(SEQUENCES, "").replaceAll(/\r+\n|\n\r+|\r+$/g, "\n");
  return plain.replaceAll(/\r+/g, "\n").split("\n");
}
