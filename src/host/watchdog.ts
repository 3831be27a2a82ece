// Cleaning up when this process is killed outright: a shell that waits for our end of a pipe to
// close, then kills and removes what is still on the list.
//
// The list is a log of lines, `+ITEM` for what comes and `-ITEM` for what goes. It is a file in memory,
// which costs no wake-up of the shell; without FFI a temporary file, whose name the shell removes as soon as it
// has it open; where that cannot be made the lines come over the pipe. Items have no spaces:
//   gPGID  kill this process group      pPID  kill this process and all below it
//   mMARK  kill what has this mark (libc/process_mark.ts): a process that is just being started
//   vMARK  the same, where the mark is the value of a variable
//   fPATH  remove this file or folder; the path is octal bytes, as printf %b reads them
//   ePATH  remove this folder once it is empty or, if it is a cgroup, without processes: tried for a minute
//   xARGV  run this command, three times within 3 s, as what it ends may be just about to start; its
//          words are such bytes too, with a comma in between

import { openForReading, openForWriting, openMemoryFile, openSmallPipe } from "../libc/fd.ts";
import { ownFolder } from "../libc/folder.ts";
import { findLibc, libc } from "../libc/libc.ts";
import { markProcesses } from "../libc/process_mark.ts";
import { endOfUnwatched, spawnUnwatched } from "../libc/spawn.ts";
import { encodeWord } from "../libc/word.ts";
import { tempDir } from "./temp_dir.ts";

/** A constant program: nothing is ever put into it. */
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

/** Bytes of the log after which what is done with is dropped from it. */
const LOG_BYTES = 1 << 20;

const ENVIRONMENT = { PATH: "/usr/bin:/bin" };

/** The variable by which a command that is just being started is known where there is no FFI; it keeps it. */
const MARK_VARIABLE = "EXECVM_MARK";

/** Where the lines go; what it returns resolves once one is there. */
type Log = (line: string) => Promise<void> | void;

/** Something that must not outlive this process, or the argv that ends it: a path, and no empty words. */
export type CleanupEntry =
  | { readonly group: number }
  | { readonly process: number }
  | { readonly path: string }
  | { readonly emptyFolder: string }
  | { readonly command: readonly string[] };

/** A process on the list: with its group, or with all below it. */
type ProcessEntry = Extract<CleanupEntry, { group: number } | { process: number }>;

let log: Log | undefined;
/** Ends the shell, if that can be done. */
let dismiss: (() => void) | undefined;
const items = new Set<string>();

/**
 * Has `entry` killed or removed if this process ends, by SIGKILL for one, before the returned
 * value is disposed. Disposing takes it off the list and leaves it alone.
 */
export function killWithUs(entry: CleanupEntry): Disposable {
  return put(toItem(entry));
}

/**
 * Starts a process that is killed if this one ends before the returned `cleanup` is disposed, from its first
 * moment on. Without FFI that is from when `start` has returned: for programs that end with us by themselves.
 *
 * @param start starts it, and nothing else, before it returns
 * @param entryOf how it is listed then
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
 * As {@linkcode startWithUs}, also without FFI from the first moment of the process.
 *
 * @param start is given variables that the process must have
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
 * Ends the shell, so that the program that this process is about to become has no child that it knows nothing of.
 * Nothing may be on the list. Without FFI it does nothing.
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

/** Starts the shell in a session of its own, so that no signal meant for us reaches it. */
function startShell(): Log {
  try {
    return findLibc() === undefined ? startPortable() : startNative();
  } catch {
    return () => {}; // no /bin/sh, or no permission to run it: all else still works
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
  // It goes when we do, if not before.
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

/** What the shell reads the list from. */
interface LogFile {
  append(bytes: Uint8Array<ArrayBuffer>): void;
  truncate(): void;
}

/** Appends to a file, which is left with no more than the list when it has become long. */
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
  void send("\n"); // the file is there, if it can be
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
