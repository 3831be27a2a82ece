// An argv as a line that a POSIX shell would read back as the same argv.

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** The words, quoted where they need it. For people to read and paste. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

/** A first word with a `=` would be read as an assignment. */
function quoteWord(word: string, index: number): string {
  const isPlain = PLAIN.test(word) && !(index === 0 && word.includes("="));
  return isPlain ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
