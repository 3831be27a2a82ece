// Cleans up when this process is killed by SIGKILL: a shell that waits until our end of a pipe
// closes, then kills and removes everything that is still on a list.
//
// The list is a log of lines, `+ITEM` to add and `-ITEM` to remove an item. It is a file in memory,
// so that adding does not wake the shell; without FFI a temporary file, which the shell unlinks as
// soon as it has it open; if that cannot be made, the lines are sent over the pipe. Items have no
// spaces:
//   gPGID  kill this process group      pPID  kill this process and its descendants
//   mMARK  kill processes with this mark (libc/process_mark.ts): one that is just being started
//   vMARK  the same, where the mark is the value of an environment variable
//   fPATH  remove this file or folder; the path is octal bytes, as printf %b reads them
//   ePATH  remove this folder once it is empty or, if a cgroup, has no processes: tried for a
//   minute xARGV  run this command, three times within 3 s, as what it ends may be just about to
//   start; its
//          words are octal bytes too, separated by commas

import { openForReading, openForWriting, openMemoryFile, openSmallPipe } from "../libc/fd.ts";
import { ownFolder } from "../libc/folder.ts";
import { findLibc, libc } from "../libc/libc.ts";
import { markProcesses } from "../libc/process_mark.ts";
import { endOfUnwatched, spawnUnwatched } from "../libc/spawn.ts";
import { encodeWord } from "../libc/word.ts";
import { tempDir } from "./temp_dir.ts";

/** A constant program: nothing is ever interpolated into it. */
const PROGRAM = `
trap '' HUP INT QUIT TERM USR1 USR2
set -f
list=' '
replay() {
  while read -r line; do
    item=\${line#?}
    case $line in
      +*) list="$list$item " ;;
      -*) case $list in *" $item "*) list="\${list%%" $item "*} \${list#*" $item "}" ;; esac ;;
    esac
  done
}
if [ "$1" = file ]; then
  read -r line
  if [ -f "$2" ]; then exec 3<"$2"; else exec 3</dev/null; fi
  rm -f -- "$2"
fi
replay
case $1 in
  log) replay <&1 ;;
  file) replay <&3 ;;
esac
tree() {
  kill -STOP "$1"
  set +f
  for child in $(cat "/proc/$1/task/"*/children); do tree "$child"; done
  set -f
  kill -KILL "$1"
}
marked() {
  for round in 1 2 3 4 5; do
    set +f
    found=$(grep -ls "$2" /proc/[0-9]*/"$1")
    set -f
    if [ -z "$found" ]; then break; fi
    for file in $found; do
      file=\${file#/proc/}
      kill -KILL "\${file%%/*}"
    done
  done
}
for item in $list; do
  case $item in
    m*) marked limits "^Max file locks  *\${item#m} " ;;
    v*) marked environ "EXECVM_MARK=\${item#v}" ;;
    g*) kill -KILL "-\${item#g}" ;;
    p*) tree "\${item#p}" ;;
  esac
done
run() {
  IFS=,
  set -- $1
  unset IFS
  for word; do
    shift
    word=$(printf '%b.' "$word")
    set -- "$@" "\${word%.}"
  done
  for pause in 1 2 0; do
    "$@"
    sleep "$pause"
  done
}
empty() {
  path=$(printf '%b.' "$1")
  path=\${path%.}
  for pause in 0 1 1 2 4 8 15 30; do
    sleep "$pause"
    rmdir -- "$path"
    if [ ! -d "$path" ]; then break; fi
  done
}
for item in $list; do
  case $item in
    e*) empty "\${item#e}" </dev/null >/dev/null & ;;
    x*) run "\${item#x}" </dev/null >/dev/null & ;;
  esac
done
for item in $list; do
  case $item in
    f*) path=$(printf '%b.' "\${item#f}"); rm -rf -- "\${path%.}" ;;
  esac
done
`;

/** Size of the log in bytes after which removed items are dropped from it. */
const LOG_BYTES = 1 << 20;

const ENVIRONMENT = { PATH: "/usr/bin:/bin" };

/** The environment variable that marks a command that is being started without FFI; it keeps it. */
const MARK_VARIABLE = "EXECVM_MARK";

/** Writes a line to the log; resolves once it is written. */
type Log = (line: string) => Promise<void> | void;

/**
 * Something that must not outlive this process. `command` is an argv that ends it: the program is a
 * path, and no word is empty.
 */
export type CleanupEntry =
  | { readonly group: number }
  | { readonly process: number }
  | { readonly path: string }
  | { readonly emptyFolder: string }
  | { readonly command: readonly string[] };

/** A process on the list: killed with its group, or with its descendants. */
type ProcessEntry = Extract<CleanupEntry, { group: number } | { process: number }>;

let log: Log | undefined;
/** Ends the shell; only with FFI. */
let dismiss: (() => void) | undefined;
const items = new Set<string>();

/**
 * Makes the watchdog kill or remove `entry` if this process ends, even by SIGKILL, before the
 * returned value is disposed. Disposing only takes it off the list.
 */
export function killWithUs(entry: CleanupEntry): Disposable {
  return put(toItem(entry));
}

/**
 * Starts a process that is killed if this one ends before the returned `cleanup` is disposed, from
 * its first moment on. Without FFI only from when `start` has returned, which is enough for
 * programs that end with us by themselves.
 *
 * @param start starts the process, and no other, before it returns
 * @param entryOf returns the entry for it
 */
export function startWithUs<T>(
  start: () => T,
  entryOf: (started: T) => ProcessEntry,
): { readonly started: T; readonly cleanup: Disposable } {
  log ??= startShell();
  using mark = findLibc() === undefined ? undefined : markProcesses();
  using _marked = mark && put(`m${mark.value}`);
  const started = start();
  const entry = entryOf(started);
  const cleanup = killWithUs(entry);
  mark?.clear("group" in entry ? entry.group : entry.process);
  return { started, cleanup };
}

/**
 * As {@linkcode startWithUs}, but also without FFI from the first moment of the process.
 *
 * @param start called with environment variables that the process must have
 */
export async function startCommandWithUs<T>(
  start: (variables: Readonly<Record<string, string>>) => T,
  entryOf: (started: T) => ProcessEntry,
): Promise<{ readonly started: T; readonly cleanup: Disposable }> {
  if (findLibc() !== undefined) return startWithUs(() => start({}), entryOf);
  const value = crypto.randomUUID();
  using marked = put(`v${value}`);
  await marked.isListed;
  return startWithUs(() => start({ [MARK_VARIABLE]: value }), entryOf);
}

/**
 * Ends the shell, so that the program that this process is about to become has no unknown child.
 * The list must be empty. Does nothing without FFI.
 */
export function dismissWatchdog(): void {
  dismiss?.();
  dismiss = undefined;
}

function put(item: string): { readonly isListed: Promise<void> | void } & Disposable {
  log ??= startShell();
  items.add(item);
  const isListed = log(`+${item}\n`);
  return {
    isListed,
    [Symbol.dispose]() {
      if (items.delete(item)) log?.(`-${item}\n`);
    },
  };
}

function toItem(entry: CleanupEntry): string {
  if ("group" in entry) return `g${entry.group}`;
  if ("process" in entry) return `p${entry.process}`;
  if ("command" in entry) return `x${entry.command.map(toOctal).join(",")}`;
  if ("emptyFolder" in entry) return `e${toOctal(absolute(entry.emptyFolder))}`;
  return `f${toOctal(absolute(entry.path))}`;
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${ownFolder()}/${path}`;
}

function toOctal(text: string): string {
  const bytes = Array.from(encodeWord(text));
  return bytes.map((byte) => "\\0" + byte.toString(8).padStart(3, "0")).join("");
}

/** Starts the shell in a new session, so that signals to our group do not reach it. */
function startShell(): Log {
  try {
    return findLibc() === undefined ? startPortable() : startNative();
  } catch {
    return () => {}; // no /bin/sh, or no permission to run it: everything else still works
  }
}

function startNative(): Log {
  const memory = openMemoryFile("execvm-watchdog");
  using reading = openForReading(`/proc/self/fd/${memory.number}`); // from its start, as we append
  const { read, write } = openSmallPipe();
  using input = read;
  using noOutput = openForWriting("/dev/null");
  const pid = spawnUnwatched({
    path: "/bin/sh",
    argv: ["sh", "-c", PROGRAM, "sh", "log"],
    environment: Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`),
    stdin: input,
    stdout: reading,
    stderr: noOutput,
    leads: "session",
  });
  // Otherwise the shell ends when we do.
  dismiss = () => {
    write.close();
    memory.close();
    endOfUnwatched(pid);
    log = undefined;
  };
  return logTo({
    append: (bytes) => void libc().write(memory.number, bytes, BigInt(bytes.length)),
    truncate: () => void libc().ftruncate(memory.number, 0n),
  });
}

/** The file that the shell reads the list from. */
interface LogFile {
  append(bytes: Uint8Array<ArrayBuffer>): void;
  truncate(): void;
}

/** Returns a log that appends to a file, and rewrites it with the current list once it is long. */
function logTo(file: LogFile): Log {
  let size = 0;
  const append = (lines: string) => {
    const bytes = new TextEncoder().encode(lines);
    file.append(bytes);
    size += bytes.length;
  };
  return (line) => {
    if (size > LOG_BYTES) {
      file.truncate();
      size = 0;
      append([...items].map((item) => `+${item}\n`).join(""));
    }
    append(line);
  };
}

function startPortable(): Log {
  const path = `${tempDir()}/execvm-list-${crypto.randomUUID()}`;
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", PROGRAM, "sh", "file", path],
    env: ENVIRONMENT,
    clearEnv: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  const file = openList(path);
  const writer = child.stdin.getWriter();
  const send = (line: string) => writer.write(new TextEncoder().encode(line)).catch(() => {});
  void send("\n"); // the file has been made, if that is possible
  if (file === undefined) return send;
  return logTo({
    append: (bytes) => void file.writeSync(bytes),
    truncate: () => file.truncateSync(0),
  });
}

function openList(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { append: true, createNew: true, mode: 0o600 });
  } catch {
    return undefined; // no permission, or a full disk
  }
}
