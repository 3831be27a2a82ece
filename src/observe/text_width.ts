// Measures and truncates text for a terminal.

/**
 * Letters from here on may take two columns (Hangul Jamo, the first wide ones of Unicode's
 * EastAsianWidth).
 */
const FIRST_WIDE = 0x1100;

/** Marks truncated text; one column wide. */
const ELLIPSIS = "…";

/** Returns an upper bound of the columns of a text; some letters take fewer. */
export function textWidth(text: string): number {
  let width = 0;
  for (const letter of text) {
    width += letter !== ELLIPSIS && letter.codePointAt(0)! >= FIRST_WIDE ? 2 : 1;
  }
  return width;
}

/** Returns the text, or the part of its beginning that fits, followed by an ellipsis. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let width = textWidth(ELLIPSIS);
  let kept = "";
  for (const letter of text) {
    width += textWidth(letter);
    if (width > columns) break;
    kept += letter;
  }
  return columns < 1 ? "" : `${kept}${ELLIPSIS}`;
}
