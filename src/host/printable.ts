// Text from a guest, made safe to show: it may hold anything.

/** What moves the cursor, changes the order of letters, or breaks a line (Unicode: Cc, bidi, Zl, Zp). */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** On one line, at most `maxLength` characters, with nothing that a terminal would act on. */
export function printableLine(text: string, maxLength: number): string {
  const line = text.slice(0, maxLength).replaceAll(/[\t\n]+/g, " ");
  return line.toWellFormed().replaceAll(UNSAFE, "\u{fffd}");
}

/** What a terminal does not show: sequences that set titles and links, colours, and places (ECMA-48 OSC, CSI, others). */
const SEQUENCES =
  // deno-lint-ignore no-control-regex
  /\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|[0-Z\\-~])/g;

/** The lines of a console, with nothing but letters in them; what overwrites a line is one of its own. */
export function printableLines(text: string): string {
  // Firmware and kernels colour and position what they print; that is noise, not damage.
  const plain = text.replaceAll(SEQUENCES, "").replaceAll(/\r+\n|\n\r+|\r+$/g, "\n").replaceAll(
    /\r+/g,
    "\n",
  );
  const safe = plain.split("\n").map((line) => printableLine(line, line.length));
  return safe.join("\n").trim();
}
