// An argv as a line that a POSIX shell would read back as the same argv.

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** The words, quoted where they need it. For people to read and paste. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
