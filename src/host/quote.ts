// An argv as a line that a POSIX shell would read back as the same argv.

import { encodeWord, hasBytes } from "../libc/word.ts";

/** What is not seen, or does something to a terminal, beside the ends of lines (Unicode: Cc). */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * The words, quoted where they need it. For people to read and paste: a byte that is no UTF-8 is `$'\377'`, and a
 * control character `$'\033'`, which POSIX has had since 2024, and bash, zsh and busybox before.
 */
export function quoteArgv(argv: readonly string[]): string {
  const isEscaped = (word: string) => hasBytes(word) || CONTROL.test(word);
  return argv.map((word, index) => isEscaped(word) ? escapeWord(word) : quoteWord(word, index))
    .join(" ");
}

/** A word as text for people: what is not UTF-8 as {@linkcode quoteArgv} has it, and any other as it is. */
export function wordText(word: string): string {
  return hasBytes(word) ? escapeWord(word) : word;
}

/** As {@linkcode quoteArgv}, for any POSIX shell to read: the line is a word, with the bytes of the others. */
export function shellLine(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

/** A first word with a `=` would be read as an assignment. */
function quoteWord(word: string, index: number): string {
  const isPlain = PLAIN.test(word) && !(index === 0 && word.includes("="));
  return isPlain ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Three octal digits end by themselves, where more hexadecimal ones may follow. */
function escapeWord(word: string): string {
  const shown = Array.from(word, (character) => {
    if (character === "'" || character === "\\") return `\\${character}`;
    if (!hasBytes(character) && !CONTROL.test(character)) return character;
    return Array.from(encodeWord(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`)
      .join("");
  });
  return `$'${shown.join("")}'`;
}
