// Encodes an argv with arbitrary bytes for tools that pass on text only, such as docker, whose
// command line replaces bytes that are not UTF-8 by U+FFFD.

import { encodeWord, hasBytes } from "../../libc/word.ts";
import { withEnvironment } from "./with_environment.ts";

/**
 * A constant program for a POSIX sh. Its arguments are the folder to run in, or an empty word, then
 * the argv, each word escaped for `printf %b`. Its variables have a prefix, so that they hide none
 * of the environment.
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

/** A command for {@linkcode asText}; its words may hold arbitrary bytes. */
export interface WordsOfCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
}

/**
 * Returns an equivalent command whose words are all valid UTF-8. If any was not, a shell decodes
 * them from ASCII escapes; that needs `sh` where the command runs, and `env` if variables are among
 * them.
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

/**
 * Keeps letters and digits. `\0` takes at most three octal digits, so a digit after an escape stays
 * literal.
 */
function escapeWord(word: string): string {
  return Array.from(encodeWord(word), (byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w/.=-]/.test(letter) ? letter : `\\0${byte.toString(8).padStart(3, "0")}`;
  }).join("");
}
