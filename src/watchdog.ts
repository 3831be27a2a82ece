// Cleaning up when this process is killed outright: a shell that waits for our end of a pipe to
// close, then kills and removes what is still on its list.
//
// Lines on the pipe: `+ITEM` puts an item on the list, `-ITEM` takes it off. Items have no spaces:
//   gPGID  kill this process group      pPID  kill this process and all below it
//   fPATH  remove this file or folder; the path is octal bytes, as printf %b reads them

import { type Fd, openForWriting, openPipe } from "./libc/fd.ts";
import { findLibc, libc } from "./libc/libc.ts";
import { spawnUnwatched } from "./libc/spawn.ts";

/** A constant program: nothing is ever put into it. */
const PROGRAM = `
trap '' HUP INT TERM
set -f
list=' '
while read -r line; do
  item=\${line#?}
  case $line in
    +*) list="$list$item " ;;
    -*) case $list in *" $item "*) list="\${list%%" $item "*} \${list#*" $item "}" ;; esac ;;
  esac
done
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
for item in $list; do
  case $item in
    f*) path=$(printf '%b.' "\${item#f}"); rm -rf -- "\${path%.}" ;;
  esac
done
`;

const ENVIRONMENT = { PATH: "/usr/bin:/bin" };

type WriteLine = (line: string) => void;

/** Something that must not outlive this process. */
export type Doomed =
  | { readonly group: number }
  | { readonly process: number }
  | { readonly path: string };

let writeLine: WriteLine | undefined;

/**
 * Has `doomed` killed or removed if this process ends, by SIGKILL for one, before the returned
 * value is disposed. Disposing takes it off the list and leaves it alone.
 */
export function doom(doomed: Doomed): Disposable {
  writeLine ??= start();
  const item = toItem(doomed);
  writeLine(`+${item}\n`);
  return { [Symbol.dispose]: () => writeLine?.(`-${item}\n`) };
}

function toItem(doomed: Doomed): string {
  if ("group" in doomed) return `g${doomed.group}`;
  if ("process" in doomed) return `p${doomed.process}`;
  const path = doomed.path.startsWith("/") ? doomed.path : `${Deno.cwd()}/${doomed.path}`;
  const bytes = Array.from(new TextEncoder().encode(path));
  return `f${bytes.map((byte) => "\\0" + byte.toString(8).padStart(3, "0")).join("")}`;
}

/** Starts the shell in a session of its own, so that no signal meant for us reaches it. */
function start(): WriteLine {
  try {
    return findLibc() === undefined ? startPortable() : startNative();
  } catch {
    return () => {}; // no /bin/sh, or no permission to run it: all else still works
  }
}

function startNative(): WriteLine {
  const pipe = openPipe();
  using input = pipe.read;
  using noOutput = openForWriting("/dev/null");
  spawnUnwatched({
    path: "/bin/sh",
    argv: ["sh", "-c", PROGRAM],
    environment: Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`),
    stdin: input,
    stdout: noOutput,
    stderr: noOutput,
    leads: "session",
  });
  return (line) => writeAll(pipe.write, new TextEncoder().encode(line));
}

function writeAll(fd: Fd, bytes: Uint8Array<ArrayBuffer>): void {
  libc().write(fd.number, bytes, BigInt(bytes.length));
}

function startPortable(): WriteLine {
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
