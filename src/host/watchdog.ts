// Cleaning up when this process is killed outright: a shell that waits for our end of a pipe to
// close, then kills and removes what is still on the list.
//
// The list is a log of lines, `+ITEM` for what comes and `-ITEM` for what goes. It is a file in memory,
// which costs no wake-up of the shell; without FFI the lines come over the pipe. Items have no spaces:
//   gPGID  kill this process group      pPID  kill this process and all below it
//   fPATH  remove this file or folder; the path is octal bytes, as printf %b reads them
//   ePATH  remove this folder once it is empty or, if it is a cgroup, without processes: tried for a minute
//   xARGV  run this command, three times within 3 s, as what it ends may be just about to start; its
//          words are such bytes too, with a comma in between

import { type Fd, openForReading, openForWriting, openMemoryFile, openPipe } from "../libc/fd.ts";
import { ownFolder } from "../libc/folder.ts";
import { findLibc, libc } from "../libc/libc.ts";
import { spawnUnwatched } from "../libc/spawn.ts";
import { encodeWord } from "../libc/word.ts";

/** A constant program: nothing is ever put into it. */
const PROGRAM = `
trap '' HUP INT TERM
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
replay
if [ "$1" = log ]; then replay <&1; fi
tree() {
  kill -STOP "$1"
  set +f
  for child in $(cat "/proc/$1/task/"*/children); do tree "$child"; done
  set -f
  kill -KILL "$1"
}
for item in $list; do
  case $item in
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

/** Where the lines go. */
type Log = (line: string) => void;

/** Something that must not outlive this process, or the argv that ends it: a path, and no empty words. */
export type CleanupEntry =
  | { readonly group: number }
  | { readonly process: number }
  | { readonly path: string }
  | { readonly emptyFolder: string }
  | { readonly command: readonly string[] };

let log: Log | undefined;
const items = new Set<string>();

/**
 * Has `entry` killed or removed if this process ends, by SIGKILL for one, before the returned
 * value is disposed. Disposing takes it off the list and leaves it alone.
 */
export function killWithUs(entry: CleanupEntry): Disposable {
  log ??= start();
  const item = toItem(entry);
  items.add(item);
  log(`+${item}\n`);
  return {
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
function start(): Log {
  try {
    return findLibc() === undefined ? startPortable() : startNative();
  } catch {
    return () => {}; // no /bin/sh, or no permission to run it: all else still works
  }
}

function startNative(): Log {
  const memory = openMemoryFile("execvm-watchdog");
  using reading = openForReading(`/proc/self/fd/${memory.number}`); // from its start, as we append
  // The other end is never closed: it goes when we do.
  using input = openPipe().read;
  using noOutput = openForWriting("/dev/null");
  spawnUnwatched({
    path: "/bin/sh",
    argv: ["sh", "-c", PROGRAM, "sh", "log"],
    environment: Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`),
    stdin: input,
    stdout: reading,
    stderr: noOutput,
    leads: "session",
  });
  let size = 0;
  return (line) => {
    if (size > LOG_BYTES) size = rewrite(memory);
    size += appendTo(memory, line);
  };
}

/** Leaves only what is on the list. */
function rewrite(memory: Fd): number {
  libc().ftruncate(memory.number, 0n);
  return appendTo(memory, [...items].map((item) => `+${item}\n`).join(""));
}

function appendTo(memory: Fd, lines: string): number {
  const bytes = new TextEncoder().encode(lines);
  libc().write(memory.number, bytes, BigInt(bytes.length));
  return bytes.length;
}

function startPortable(): Log {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", PROGRAM],
    env: ENVIRONMENT,
    clearEnv: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  const writer = child.stdin.getWriter();
  return (line) => void writer.write(new TextEncoder().encode(line)).catch(() => {});
}
