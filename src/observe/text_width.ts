// How wide text is where all letters are of one width, and making it fit.

/** From here on letters may take two columns (Hangul Jamo, the first wide ones of Unicode's EastAsianWidth). */
const FIRST_WIDE = 0x1100;

/** Stands for what does not fit; it is as wide as a letter. */
const ELLIPSIS = "…";

/** Columns that text takes at most; some letters take less than is counted here. */
export function textWidth(text: string): number {
  let width = 0;
  for (const letter of text) {
    width += letter !== ELLIPSIS && letter.codePointAt(0)! >= FIRST_WIDE ? 2 : 1;
  }
  return width;
}

/** The text, or as much of its beginning as fits with an ellipsis behind it. */
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
