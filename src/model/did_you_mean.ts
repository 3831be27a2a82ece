// Suggests the known words that an unknown one was probably meant to be. Pure.

/** A word may have one typing error for each so many letters. */
const LETTERS_PER_SLIP = 3;

/** Returns ` (did you mean X?)` if one of `known` is close to `word`, else an empty string. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = closeWords(word, known)[0];
  return meant === undefined ? "" : ` (did you mean ${meant}?)`;
}

/**
 * Returns the words that are close, the closest first: a letter wrong, missing, too many or two
 * swapped.
 */
export function closeWords(word: string, known: readonly string[]): readonly string[] {
  const most = Math.max(1, Math.floor(word.length / LETTERS_PER_SLIP));
  return known
    .map((candidate) => ({ candidate, slips: slips(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ slips }) => slips <= most)
    .sort((left, right) => left.slips - right.slips)
    .map(({ candidate }) => candidate);
}

/** The optimal string alignment distance of two words. */
function slips(from: string, to: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 1; at <= from.length; at++) {
    const next = [at];
    for (let column = 1; column <= to.length; column++) {
      const same = from[at - 1] === to[column - 1] ? 0 : 1;
      const swapped = from[at - 1] === to[column - 2] && from[at - 2] === to[column - 1];
      next.push(Math.min(
        row[column]! + 1,
        next[column - 1]! + 1,
        row[column - 1]! + same,
        swapped ? before[column - 2]! + 1 : Infinity,
      ));
    }
    [before, row] = [row, next];
  }
  return row[to.length]!;
}
