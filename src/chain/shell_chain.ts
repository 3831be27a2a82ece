// Chains on a computer that has no execvm: a constant program for its POSIX sh.

import { chooseDelimiter } from "../model/chain_argv.ts";
import type { ChainStdout } from "../model/nodes.ts";

/**
 * Takes where the stdout of all but the last goes, where it tells the number of the command that is to run
 * (a file, or a mark before it on stderr; empty words: neither), the delimiter and then, with it in between,
 * the commands. Each but the last runs as a child on the same stdin and stderr; the shell becomes the last. A
 * signal is sent to the group of the shell, so that the child has it too, and its status counts; after SIGHUP
 * and SIGTERM nothing else is started. Nothing is ever put into this text. Its names are such as no
 * environment has, as giving a value to a variable of the environment would change that.
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

/** How it runs, and where it tells which command does. */
export interface ShellChainOptions {
  readonly stdout?: ChainStdout | undefined;
  readonly path?: string;
  readonly mark?: string;
}

/** The argv that runs commands in order, each once the one before has succeeded, by `sh` alone. */
export function shellChainArgv(
  commands: readonly (readonly string[])[],
  { stdout = "pass", path = "", mark = "" }: ShellChainOptions = {},
): readonly string[] {
  const delimiter = chooseDelimiter(commands);
  const words = commands.flatMap((argv, index) => index === 0 ? argv : [delimiter, ...argv]);
  return ["sh", "-c", PROGRAM, "sh", stdout, path, mark, delimiter, ...words];
}
