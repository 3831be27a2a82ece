// The two constant programs that run on the remote host in its POSIX sh. All data goes in as
// positional arguments; nothing is ever inserted into their text.
//
// They communicate by a folder of the connection with a note for each command. Its first line is
//   PID            the command runs, and PID is its process group
//   ended CODE PID it has ended with this code, as a shell reports it
//   folder         it was not started, because its folder cannot be entered
//   barred         it was killed before it had started, so it must not start
//   over           it was barred, and has noticed
// A barred note is kept when its command is forgotten, because the command may still be started
// later: sshd can be slow, and starts a command even if the ssh that requested it has gone.
// A remote execvm that runs the command writes its verdict next to the note, to NOTE.verdict. Files
// that are copied to relative paths are in NOTE.files.

import { type SignalName, signalNumber } from "../../libc/signals.ts";
import { withEnvironment } from "../contract/with_environment.ts";

/**
 * The keeper runs as long as the connection. It reads orders, a line each; at EOF, when the
 * connection has ended, it kills what still runs. Its argument is the folder, which it creates and
 * removes.
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
      rm -rf "$note.files"
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
 * Runs one command, as the leader of the session that sshd has created. Its arguments are the note,
 * the folder to run in or an empty word, and the argv. Its variables have a prefix, so that they
 * hide none of the environment; the shell's own message on a death by signal is discarded.
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

/** Returns the argv of the keeper. @param folder on the remote host, which must not exist yet */
export function keeperArgv(folder: string): readonly string[] {
  return ["sh", "-c", KEEPER, "sh", folder];
}

/** A command to run on the remote host. */
export interface RemoteCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
}

/** Returns the argv of the program that runs a command. @param note its path on the remote host */
export function remoteArgv({ argv, env, cwd }: RemoteCommand, note: string): readonly string[] {
  return ["sh", "-c", COMMAND, "sh", note, remoteFolder(cwd), ...withEnvironment(argv, env)];
}

/**
 * Returns the path where a remote execvm reports how its command ended.
 *
 * @param note of the command
 */
export function verdictPath(note: string): string {
  return `${note}.verdict`;
}

/** Returns the path of the private folder of a run. @param note of the command */
export function filesPath(note: string): string {
  return `${note}.files`;
}

/** Returns the name of a signal for an order, which is the one that `kill` takes. */
export function orderName(signal: SignalName): string {
  return signal.includes("+") ? String(signalNumber(signal)) : signal.slice("SIG".length);
}

/** Prefixes a relative folder, as `cd` would interpret `-` and look in CDPATH. */
function remoteFolder(cwd = ""): string {
  return cwd === "" || cwd.startsWith("/") ? cwd : `./${cwd}`;
}
