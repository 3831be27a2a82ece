// The constant program that runs on a node of a Slurm cluster in its POSIX sh. All data goes in as
// positional arguments; nothing is ever inserted into its text.
//
// Only a pseudo terminal makes a task's output reach srun at once; otherwise it arrives a line at a
// time. So the command writes to a pipe, and a relay copies that to the terminal. The relay also
// ends on SIGURG, which means that the reader here has gone, and the command then gets its SIGPIPE.
// SIGURG is used because other processes ignore it by default: Slurm sends each signal to all
// processes of a step. In the same way, SIGWINCH tells the relay that the command has ended.

import { withEnvironment } from "../contract/with_environment.ts";

/**
 * The program kills itself with this signal, which nothing else sends, if it cannot enter the
 * folder.
 */
export const NO_FOLDER = "SIGVTALRM";

/** Tells the relay that the output has lost its reader. */
export const UNREAD = "SIGURG";

/**
 * Its arguments: `direct` or `relayed` stdout, the folder to run in or an empty word, the folder to
 * try otherwise, and the argv. Background processes end with the command, as they would with the
 * step: some time after it has ended, every process that can still write to its pipe is killed.
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

/** A command to run on a node. */
export interface NodeCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The folder to run in, by absolute path. */
  readonly cwd: string | undefined;
  /** The folder to use without `cwd`, if it exists on the node too. */
  readonly here: string;
  /** Whether the command has a terminal. */
  readonly tty: boolean;
}

/** Returns the argv of the program that runs a command on a node. */
export function nodeArgv({ argv, env, cwd, here, tty }: NodeCommand): readonly string[] {
  const folders = [cwd ?? "", here];
  const mode = tty ? "direct" : "relayed";
  return ["sh", "-c", PROGRAM, "sh", mode, ...folders, ...withEnvironment(argv, env)];
}
