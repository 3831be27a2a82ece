// Cleans up when this process is killed by SIGKILL: a shell that waits until our end of a pipe
// closes, then kills and removes everything that is still on a list.
//
// The list (watchdog_list.ts) is a file in memory, so that adding does not wake the shell; without
// FFI a temporary file, which the shell unlinks as soon as it has it open; if that cannot be made,
// the lines are sent over the pipe. Items have no spaces:
//   gPGID  kill this process group      pPID  kill this process and its descendants
//   mMARK  kill processes with this mark (libc/process_mark.ts): one that is just being started
//   vMARK  the same, where the mark is the value of an environment variable
//   fPATH  remove this file or folder; the path is octal bytes, as printf %b reads them
//   ePATH  remove this folder once it is empty or, if a cgroup, has no processes: tried for a
//          minute
//   xARGV  run this command, three times within 3 s, as what it ends may be just about to start;
//          its words are octal bytes too, separated by commas

import { openForReading, openForWriting, openMemoryFile, openSmallPipe } from "../libc/fd.ts";
import { ownFolder } from "../libc/folder.ts";
import { findLibc, libc } from "../libc/libc.ts";
import { markProcesses } from "../libc/process_mark.ts";
import { endOfUnwatched, spawnUnwatched } from "../libc/spawn.ts";
import { encodeWord } from "../libc/word.ts";
import { tempDir } from "./temp_dir.ts";
import { listInFile, listOverPipe, type WatchdogList } from "./watchdog_list.ts";
import { WATCHDOG_PROGRAM } from "./watchdog_program.ts";

const ENVIRONMENT = { PATH: "/usr/bin:/bin" };

/** The environment variable that marks a command that is being started without FFI; it keeps it. */
const MARK_VARIABLE = "EXECVM_MARK";

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

let list: WatchdogList | undefined;
/** Ends the shell; only with FFI. */
let dismiss: (() => void) | undefined;

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
  list ??= startShell();
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
  list ??= startShell();
  const isListed = list.add(item);
  return { isListed, [Symbol.dispose]: () => list?.remove(item) };
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
function startShell(): WatchdogList {
  try {
    return findLibc() === undefined ? startPortable() : startNative();
  } catch {
    return { add() {}, remove() {} }; // no /bin/sh, or it may not run: everything else still works
  }
}

function startNative(): WatchdogList {
  const memory = openMemoryFile("execvm-watchdog");
  using reading = openForReading(`/proc/self/fd/${memory.number}`);
  const { read, write } = openSmallPipe();
  using input = read;
  using noOutput = openForWriting("/dev/null");
  const pid = spawnUnwatched({
    path: "/bin/sh",
    argv: ["sh", "-c", WATCHDOG_PROGRAM, "sh", "log"],
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
    list = undefined;
  };
  return listInFile({
    write: (bytes, offset) =>
      void libc().pwrite(memory.number, bytes, BigInt(bytes.length), BigInt(offset)),
    truncate: () => void libc().ftruncate(memory.number, 0n),
  });
}

function startPortable(): WatchdogList {
  const path = `${tempDir()}/execvm-list-${crypto.randomUUID()}`;
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", WATCHDOG_PROGRAM, "sh", "file", path],
    env: ENVIRONMENT,
    clearEnv: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  const file = createList(path);
  const writer = child.stdin.getWriter();
  const send = (line: string) => writer.write(new TextEncoder().encode(line)).catch(() => {});
  void send("\n"); // the file has been made, if that is possible
  if (file === undefined) return listOverPipe(send);
  return listInFile({
    write(bytes, offset) {
      file.seekSync(offset, Deno.SeekMode.Start);
      file.writeSync(bytes);
    },
    truncate: () => file.truncateSync(0),
  });
}

function createList(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  } catch {
    return undefined; // no permission, or a full disk
  }
}
