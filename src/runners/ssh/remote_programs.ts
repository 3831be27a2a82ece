// What runs at the far side of an ssh connection: two constant programs for its POSIX sh, which take all
// they need as positional arguments. Nothing is ever put into their text.
//
// They meet in a folder of the connection, with a note for each command. Its first line is
//   PID            the command runs; the process group PID is its own
//   ended CODE PID it has ended with this code, as a shell tells it
//   folder         it was not started as its folder cannot be entered
//   barred         it was to be ended before it had started: now it must not start
//   over           it was barred, and has seen so
// A note that is barred stays when its command is forgotten, as the command may be started later still: sshd
// can be slow, and starts what it was asked for though the ssh that asked has gone.
// An execvm over there that runs the command puts its verdict beside it, into NOTE.verdict.

import { type SignalName, signalNumber } from "../../libc/signals.ts";
import { withEnvironment } from "../contract/with_environment.ts";

/**
 * Runs for as long as the connection: takes orders, a line each, and when they end, as the connection
 * has, kills what still runs. Its argument is the folder, which it makes and removes.
 */
const KEEPER = `
trap '' HUP INT QUIT TERM
umask 077
cd /
mkdir "$1" || exit
echo "$1"
send() {
  first=
  for try in 1 2 3; do read -r first code pid <"$note" && break; sleep 1; done
  case $first in
    ended) kill "-$signal" "-$pid" ;;
    [0-9]*) kill "-$signal" "-$first" ;;
    '') [ "$order" = tell ] || { echo barred >"$note.new"; mv "$note.new" "$note"; } ;;
  esac
}
while read -r order name signal; do
  note=$1/$name
  case $order in
    end) (set -C; echo barred >"$note") || send ;;
    tell) [ -e "$note" ] && send ;;
    ask) line=; read -r line <"$note"; echo "$line" ;;
    forget)
      first=
      [ ! -e "$note" ] || read -r first <"$note"
      [ "$first" = barred ] || rm -f "$note" "$note.verdict"
      ;;
  esac
done 2>/dev/null
mv "$1" "$1.over"
for note in "$1.over"/*; do
  read -r first rest <"$note" || continue
  case $first in [0-9]*) kill -KILL "-$first" ;; esac
done 2>/dev/null
rm -rf "$1.over"
`;

/**
 * Runs one command, as the leader of the session that sshd has made for it. Its arguments are the note,
 * the folder to run in or an empty word, and the argv. The names of its variables are such as no
 * environment has; what the shell itself says of a death by signal is for nobody.
 */
const COMMAND = `
exec 3>&2 2>/dev/null
set -C
echo "$$" >"$1" && read -r _execvm_pid <"$1" && [ "$_execvm_pid" = "$$" ] ||
  { echo over >|"$1"; exit 255; }
set +C
_execvm_note=$1
[ -z "$2" ] || cd "$2" || { echo folder >"$1"; exit 255; }
shift 2
for _execvm_signal in HUP INT QUIT USR1 USR2 ALRM TERM; do trap : "$_execvm_signal"; done
(exec 2>&3 3>&-; exec "$@")
_execvm_code=$?
echo "ended $_execvm_code $$" >"$_execvm_note"
exit "$_execvm_code"
`;

/** The argv of the program that keeps a connection. @param folder of its own, at the far side */
export function keeperArgv(folder: string): readonly string[] {
  return ["sh", "-c", KEEPER, "sh", folder];
}

/** A command for the far side. */
export interface RemoteCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
}

/** The argv of the program that runs a command. @param note its path at the far side */
export function remoteArgv({ argv, env, cwd }: RemoteCommand, note: string): readonly string[] {
  return ["sh", "-c", COMMAND, "sh", note, remoteFolder(cwd), ...withEnvironment(argv, env)];
}

/** Where the execvm that runs a command tells how it ended. @param note of the command */
export function verdictPath(note: string): string {
  return `${note}.verdict`;
}

/** How an order names a signal: as `kill` does. */
export function orderName(signal: SignalName): string {
  return signal.includes("+") ? String(signalNumber(signal)) : signal.slice("SIG".length);
}

/** `cd` has meanings of its own for `-` and for what CDPATH may lead to. */
function remoteFolder(cwd = ""): string {
  return cwd === "" || cwd.startsWith("/") ? cwd : `./${cwd}`;
}
