// An argv for those who pass on text only, such as docker, whose command line puts U+FFFD in place of what is no UTF-8.

import { encodeWord, hasBytes } from "../../libc/word.ts";
import { withEnvironment } from "./with_environment.ts";

/**
 * A constant program for a POSIX sh: takes the folder to run in, or an empty word, and the argv, each word as
 * `printf %b` reads it. Its names are such as no environment has.
 */
const PROGRAM = `
_execvm_read() { _execvm_word=$(printf '%b.' "$1"); _execvm_word=\${_execvm_word%.}; }
_execvm_read "$1"
shift
[ -z "$_execvm_word" ] || CDPATH= cd -- "$_execvm_word" || exit 126
_execvm_count=$#
while [ "$_execvm_count" -gt 0 ]; do
  _execvm_read "$1"
  shift
  set -- "$@" "$_execvm_word"
  _execvm_count=$((_execvm_count - 1))
done
exec "$@"
`;

/** What {@linkcode asText} makes text of. */
export interface WordsOfCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
}

/**
 * The same command without bytes that are no UTF-8: where there are any, a shell has them from words of ASCII. It needs
 * `sh`, and `env` for variables.
 */
export function asText(command: WordsOfCommand): WordsOfCommand {
  const { argv, env, cwd } = command;
  const variables = Object.entries(env);
  const odd = variables.filter((variable) => variable.some(hasBytes));
  const isOddFolder = cwd !== undefined && hasBytes(cwd);
  if (odd.length === 0 && !isOddFolder && !argv.some(hasBytes)) return command;
  const words = [isOddFolder ? cwd : "", ...withEnvironment(argv, Object.fromEntries(odd))];
  return {
    argv: ["sh", "-c", PROGRAM, "sh", ...words.map(escapeWord)],
    env: Object.fromEntries(variables.filter((variable) => !odd.includes(variable))),
    cwd: isOddFolder ? undefined : cwd,
  };
}

/** Letters and digits as they are; three octal digits behind a zero end by themselves. */
function escapeWord(word: string): string {
  return Array.from(encodeWord(word), (byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w/.=-]/.test(letter) ? letter : `\\0${byte.toString(8).padStart(3, "0")}`;
  }).join("");
}
