// What runs on a node of a Slurm cluster: a constant program for its POSIX sh, which takes all it needs as
// positional arguments. Nothing is ever put into its text.
//
// What a task writes reaches srun at once only through a pseudo terminal, or else a line at a time. So the
// command has a pipe, and a relay copies it to there. The relay also ends when SIGURG says that nobody
// reads here any more, and the command then has its SIGPIPE. SIGURG as nobody else minds it: Slurm gives
// each signal to all processes of a step. Likewise SIGWINCH tells the relay that the command has ended.

import { withEnvironment } from "../contract/with_environment.ts";

/** The death that tells of a folder that cannot be entered: a signal that nothing else sends. */
export const NO_FOLDER = "SIGVTALRM";

/** What tells the relay that nobody reads any more. */
export const UNREAD = "SIGURG";

/**
 * Its arguments: how the command's stdout goes, the folder to run in or an empty word, the folder to try
 * without one, and the argv. What the command has left behind goes with it, as it would with the step: a
 * while after the command has ended, whatever can still write to its pipe is killed.
 */
const PROGRAM = `
exec 3>&2 2>/dev/null
_execvm_stay() {
  for _execvm_signal in HUP INT QUIT USR1 USR2 ALRM TERM; do trap "$1" "$_execvm_signal"; done
}
_execvm_end_writers() {
  _execvm_pipe=$(readlink /proc/self/fd/6)
  exec 4>&- 6<&- </dev/null >&2
  while sleep 0.2; do
    ls -l /proc/[0-9]*/fd | while read -r _execvm_line; do
      case $_execvm_line in
        /proc/*) _execvm_pid=\${_execvm_line#/proc/} ;;
        l-wx*" $_execvm_pipe") kill -KILL "\${_execvm_pid%%/*}" ;;
      esac
    done
  done
}
_execvm_relay() {
  _execvm_stay ''
  exec 6<&0
  cat <&6 &
  _execvm_cat=$!
  _execvm_ender=
  trap 'kill -KILL "$_execvm_cat" $_execvm_ender; exit' URG
  trap '[ -n "$_execvm_ender" ] || { _execvm_end_writers & _execvm_ender=$!; }' WINCH
  exec </dev/null
  while kill -0 "$_execvm_cat"; do wait "$_execvm_cat"; done
  [ -z "$_execvm_ender" ] || kill -KILL "$_execvm_ender"
}
_execvm_stay :
if [ -n "$2" ]; then cd "$2" || kill -VTALRM "$$"; else cd "$3"; fi
_execvm_mode=$1
shift 3
if [ "$_execvm_mode" = direct ]; then
  (exec 2>&3 3>&-; exec "$@")
  exit
fi
exec 4>&1
_execvm_code=$(
  _execvm_stay :
  {
    {
      _execvm_stay :
      (exec 2>&3 3>&- 4>&- 5>&-; exec "$@")
      _execvm_code=$?
      { while sleep 1 && kill -0 "$$"; do kill -WINCH "-$$"; done; } >&2 3>&- 4>&- 5>&- &
      echo "$_execvm_code $!" >&5
    } | _execvm_relay >&4 3>&- 5>&-
  } 5>&1
)
set -- $_execvm_code
kill -KILL "$2"
exit "$1"
`;

/** A command for a node. */
export interface NodeCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The folder to run in, by absolute path. */
  readonly cwd: string | undefined;
  /** The folder to run in without one, if it is there too. */
  readonly here: string;
  /** Whether the command has a terminal. */
  readonly tty: boolean;
}

/** The argv of the program that runs a command on a node. */
export function nodeArgv({ argv, env, cwd, here, tty }: NodeCommand): readonly string[] {
  const folders = [cwd ?? "", here];
  const mode = tty ? "direct" : "relayed";
  return ["sh", "-c", PROGRAM, "sh", mode, ...folders, ...withEnvironment(argv, env)];
}
