// Quotes an argv as a line that a POSIX shell parses into the same argv.

import { encodeWord, hasBytes } from "../libc/word.ts";

/** Control characters except tab and newline (Unicode: Cc). */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * Returns the words, quoted where necessary, for users to read and paste. Bytes that are not UTF-8
 * are written `$'\377'` and control characters `$'\033'`, which is in POSIX since 2024, and was in
 * bash, zsh and busybox before.
 */
export function quoteArgv(argv: readonly string[]): string {
  const isEscaped = (word: string) => hasBytes(word) || CONTROL.test(word);
  return argv.map((word, index) => isEscaped(word) ? escapeWord(word) : quoteWord(word, index))
    .join(" ");
}

/**
 * Returns a word as text: quoted as by {@linkcode quoteArgv} if it is not UTF-8, else unchanged.
 */
export function wordText(word: string): string {
  return hasBytes(word) ? escapeWord(word) : word;
}

/**
 * As {@linkcode quoteArgv}, for any POSIX shell: the result is a word that contains the exact
 * bytes.
 */
export function shellLine(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

/** Quotes a word. As the first word, one with a `=` is quoted too: it would be an assignment. */
function quoteWord(word: string, index: number): string {
  const isPlain = PLAIN.test(word) && !(index === 0 && word.includes("="));
  return isPlain ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Writes a word as `$'..'`. Octal, as an escape has at most three octal digits. */
function escapeWord(word: string): string {
  const shown = Array.from(word, (character) => {
    if (character === "'" || character === "\\") return `\\${character}`;
    if (!hasBytes(character) && !CONTROL.test(character)) return character;
    return Array.from(encodeWord(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`)
      .join("");
  });
  return `$'${shown.join("")}'`;
}
