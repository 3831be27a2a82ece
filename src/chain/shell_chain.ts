// Runs chains on a computer without execvm: a constant script for its POSIX sh.

import { chooseDelimiter } from "../model/chain_argv.ts";
import type { ChainStdout } from "../model/nodes.ts";

/**
 * The script. Its arguments are: the destination of the stdout of all commands but the last; where
 * to report the number of the command that starts next (a file, or a mark that precedes the number
 * on stderr; empty words for neither); the delimiter; and the commands, separated by it. Each
 * command but the last runs as a child on the same stdin and stderr; the shell execs the last. A
 * signal is sent to the shell's process group, so the child receives it as well, and its status
 * counts; after SIGHUP and SIGTERM nothing further starts. The script is constant: nothing is ever
 * interpolated. Its variable names are unlikely in an environment, because assigning a variable of
 * the environment would change the environment of the commands.
 */
const PROGRAM = `
_execvm_told=
trap '_execvm_told=129' HUP
trap '_execvm_told=143' TERM
for _execvm_word in INT QUIT USR1 USR2 ALRM; do trap : "$_execvm_word"; done
_execvm_stdout=$1
_execvm_file=$2
_execvm_mark=$3
_execvm_delimiter=$4
_execvm_number=0
shift 4
_execvm_tell() {
  _execvm_number=$((_execvm_number + 1))
  [ -z "$_execvm_file" ] || (echo "$_execvm_number" >"$_execvm_file") 2>/dev/null
  [ -z "$_execvm_mark" ] || (echo "$_execvm_mark$_execvm_number" >&2)
}
_execvm_measure() {
  _execvm_length=0
  for _execvm_word; do
    [ "$_execvm_word" = "$_execvm_delimiter" ] && return
    _execvm_length=$((_execvm_length + 1))
  done
  return 1
}
_execvm_first() {
  case $_execvm_stdout in
    stderr) exec >&2 ;;
    discard) exec >/dev/null ;;
  esac
  for _execvm_word; do
    shift
    [ "$_execvm_length" -gt 0 ] && set -- "$@" "$_execvm_word"
    _execvm_length=$((_execvm_length - 1))
  done
  exec "$@"
}
while _execvm_measure "$@"; do
  _execvm_tell
  (_execvm_first "$@") || exit
  [ -z "$_execvm_told" ] || exit "$_execvm_told"
  shift $((_execvm_length + 1))
done
_execvm_tell
exec "$@"
`;

/** Where stdout goes, and where the script reports the number of the running command. */
export interface ShellChainOptions {
  readonly stdout?: ChainStdout | undefined;
  readonly path?: string;
  readonly mark?: string;
}

/** Returns the argv that runs commands with `sh`, each once the previous one has succeeded. */
export function shellChainArgv(
  commands: readonly (readonly string[])[],
  { stdout = "pass", path = "", mark = "" }: ShellChainOptions = {},
): readonly string[] {
  const delimiter = chooseDelimiter(commands);
  const words = commands.flatMap((argv, index) => index === 0 ? argv : [delimiter, ...argv]);
  return ["sh", "-c", PROGRAM, "sh", stdout, path, mark, delimiter, ...words];
}
