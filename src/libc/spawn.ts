// Starts processes by posix_spawn(3) and reads their exit status.
//
// posix_spawn_file_actions_t is 80 bytes, posix_spawnattr_t 336 and sigset_t 128 in glibc and
// musl on LP64 (spawn.h).

import { cString, cStringArray } from "./c_string.ts";
import { errnoOf, SystemError } from "./errno.ts";
import { checked, Fd } from "./fd.ts";
import { errno, libc } from "./libc.ts";
import { restoreFileLimit } from "./rlimit.ts";
import { POLLIN, waitFor } from "./reactor.ts";
import { type SignalName, signalName, signalNumber } from "./signals.ts";
import { showWord } from "./word.ts";

const FILE_ACTIONS_BYTES = 80;
const SPAWNATTR_BYTES = 336;
const SIGSET_BYTES = 128;

// spawn.h
const POSIX_SPAWN_SETPGROUP = 0x02;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;

const SYS_pidfd_open = 434n; // asm-generic/unistd.h; the same on every architecture
const O_RDWR = 2;

// wait.h and siginfo.h
const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const CLD_EXITED = 1;
const SIGINFO_BYTES = 128;
const SIGINFO_CODE = 8;
const SIGINFO_PID = 16;
const SIGINFO_STATUS = 24;

/** How a process ended: by itself with a code, or by a signal. */
export type ExitStatus =
  | { readonly code: number; readonly signal?: never }
  | { readonly signal: SignalName; readonly code?: never };

/** Processes started here that are not disposed yet. */
const own = new Set<number>();

/**
 * A program to start. `path` is a file, not looked up in PATH. The caller keeps the descriptors.
 */
export interface SpawnRequest {
  readonly path: string;
  readonly argv: readonly string[];
  /** `NAME=value` strings: the whole environment. */
  readonly environment: readonly string[];
  readonly cwd?: string | undefined;
  readonly stdin: Fd;
  readonly stdout: Fd;
  readonly stderr: Fd;
  /** Leads a new process group or a new session; by default the child stays in our group. */
  readonly leads?: "nothing" | "group" | "session";
  /** Path of a terminal to open as stdio; it becomes the controlling one of a session's leader. */
  readonly terminal?: string | undefined;
  /** With `terminal`: whether stdout is still `stdout`, not the terminal. */
  readonly isStdoutApart?: boolean;
  /** Signals that the child starts with as blocked. */
  readonly blocked?: readonly SignalName[] | undefined;
}

/**
 * A child process. Its pid, and so the id of a group that it leads, is not reused until this is
 * disposed.
 */
export interface Child extends Disposable {
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
}

/** A child process that the caller waits for itself, by its pidfd. */
export interface StartedChild extends Disposable {
  readonly pid: number;
  /** poll(2) reports it as readable once the process has ended. */
  readonly pidfd: Fd;
  /** Returns how it ended; `undefined` while it runs. Must not be called after disposal. */
  status(): ExitStatus | undefined;
}

/** As {@linkcode spawn}, without waiting for the end. Disposing the child closes its pidfd too. */
export function start(request: SpawnRequest): StartedChild {
  const pid = spawnUnwatched(request);
  own.add(pid);
  const pidfd = openPidfd(pid);
  return {
    pid,
    pidfd,
    status: () => peekStatus(pid),
    [Symbol.dispose]() {
      pidfd.close();
      reap(pid);
    },
  };
}

/** Reaps a child that has ended, which frees its pid. */
function reap(pid: number): void {
  libc().waitid(P_PID, pid, new Uint8Array(SIGINFO_BYTES), WEXITED | WNOHANG);
  own.delete(pid);
}

/**
 * Starts a process with exactly the three descriptors, with SIGPIPE at its default (Deno ignores
 * it) and with the user's limit of open files (Deno raises it). The caller disposes the child.
 *
 * @throws {SystemError} if it cannot be started: ENOENT, EACCES, ENOEXEC, E2BIG and so on.
 * @throws {TypeError} if a string contains a NUL.
 */
export function spawn(request: SpawnRequest): Child {
  const child = start(request);
  return {
    pid: child.pid,
    exited: waitForExit(child),
    [Symbol.dispose]: () => reap(child.pid),
  };
}

/** Reaps ended processes that were not started here, which pid 1 inherits. */
export function reapOrphans(): void {
  const info = new Uint8Array(SIGINFO_BYTES);
  const view = new DataView(info.buffer);
  while (true) {
    info.fill(0);
    if (libc().waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT) < 0) return;
    const pid = view.getInt32(SIGINFO_PID, true);
    // waitid keeps returning a child of ours until it is disposed, which is soon; then we go on.
    if (pid === 0 || own.has(pid)) return;
    libc().waitid(P_PID, pid, info, WEXITED | WNOHANG);
  }
}

/**
 * Sends a signal to a process, or to a group if `pid` is negative. Returns whether that succeeded.
 */
export function sendSignal(pid: number, signal: SignalName): boolean {
  return libc().kill(pid, signalNumber(signal)) === 0;
}

/**
 * Stops the process group of a session leader. Such a group is orphaned, so the kernel discards the
 * default action of SIGTSTP: SIGSTOP follows, unless the leader handles or ignores SIGTSTP.
 */
export function suspendSession(leader: number): void {
  sendSignal(-leader, "SIGTSTP");
  if (!isMinded(leader, "SIGTSTP")) sendSignal(-leader, "SIGSTOP");
}

/** Whether a process catches or ignores a signal, according to /proc. */
function isMinded(pid: number, signal: SignalName): boolean {
  try {
    const masks = Deno.readTextFileSync(`/proc/${pid}/status`).matchAll(
      /^Sig(?:Cgt|Ign):\s*(\S+)/gm,
    );
    const bit = BigInt(signalNumber(signal) - 1);
    return [...masks].some(([, mask]) => (BigInt(`0x${mask}`) >> bit & 1n) === 1n);
  } catch {
    return false; // it has ended
  }
}

/** As {@linkcode spawn}, for a process that is not waited for. Returns its pid. */
export function spawnUnwatched(request: SpawnRequest): number {
  const argv = cStringArray(request.argv);
  const environment = cStringArray(request.environment);
  const path = cString(request.path);
  using actions = fileActions(request);
  const attributes = spawnAttributes(request);
  const pid = new Int32Array(1);
  using _limit = restoreFileLimit();
  const failure = libc().posix_spawn(
    pid,
    path,
    actions.bytes,
    attributes,
    argv.pointers,
    environment.pointers,
  );
  if (failure !== 0) throw new SystemError(failure, `start ${showWord(request.argv[0]!)}`);
  return pid[0]!;
}

/** Blocks this thread until a process of {@linkcode spawnUnwatched} has ended, and reaps it. */
export function endOfUnwatched(pid: number): void {
  libc().waitid(P_PID, pid, new Uint8Array(SIGINFO_BYTES), WEXITED);
}

function fileActions(request: SpawnRequest): { bytes: Uint8Array<ArrayBuffer> } & Disposable {
  const bytes = new Uint8Array(FILE_ACTIONS_BYTES);
  const symbols = libc();
  symbols.posix_spawn_file_actions_init(bytes);
  const lifted = [request.stdin, request.stdout, request.stderr].map(liftStandard);
  if (request.terminal !== undefined) {
    const terminal = cString(request.terminal);
    symbols.posix_spawn_file_actions_addopen(bytes, 0, terminal, O_RDWR, 0);
    const stdout = request.isStdoutApart === true ? lifted[1]!.fd.number : 0;
    symbols.posix_spawn_file_actions_adddup2(bytes, stdout, 1);
    symbols.posix_spawn_file_actions_adddup2(bytes, 0, 2);
  } else {
    lifted.forEach(({ fd }, target) =>
      symbols.posix_spawn_file_actions_adddup2(bytes, fd.number, target)
    );
  }
  if (request.cwd !== undefined) {
    symbols.posix_spawn_file_actions_addchdir_np(bytes, cString(request.cwd));
  }
  return {
    bytes,
    [Symbol.dispose]() {
      symbols.posix_spawn_file_actions_destroy(bytes);
      for (const { fd, temporary } of lifted) if (temporary) fd.close();
    },
  };
}

/**
 * Duplicates a descriptor that an earlier dup2 of the child would overwrite, such as 0 as stdout.
 */
function liftStandard(fd: Fd, target: number): { fd: Fd; temporary: boolean } {
  if (fd.number > 2 || fd.number === target) return { fd, temporary: false };
  return { fd: fd.duplicate(), temporary: true };
}

function spawnAttributes(
  { leads, blocked = [] }: Pick<SpawnRequest, "leads" | "blocked">,
): Uint8Array<ArrayBuffer> {
  const attributes = new Uint8Array(SPAWNATTR_BYTES);
  const symbols = libc();
  symbols.posix_spawnattr_init(attributes);
  let flags = POSIX_SPAWN_SETSIGDEF;
  if (leads === "group") flags |= POSIX_SPAWN_SETPGROUP; // group 0: its own pid
  if (leads === "session") flags |= POSIX_SPAWN_SETSID;
  if (blocked.length > 0) {
    flags |= POSIX_SPAWN_SETSIGMASK;
    symbols.posix_spawnattr_setsigmask(attributes, signalSet(blocked));
  }
  symbols.posix_spawnattr_setflags(attributes, flags);
  symbols.posix_spawnattr_setsigdefault(attributes, signalSet(["SIGPIPE"]));
  return attributes;
}

/** A sigset_t: signal n is bit n-1 of its first word. */
function signalSet(signals: readonly SignalName[]): Uint8Array<ArrayBuffer> {
  const set = new Uint8Array(SIGSET_BYTES);
  const bits = signals.reduce((mask, name) => mask | 1n << BigInt(signalNumber(name) - 1), 0n);
  new DataView(set.buffer).setBigUint64(0, bits, true);
  return set;
}

function openPidfd(pid: number): Fd {
  const fd = Number(libc().syscall(SYS_pidfd_open, BigInt(pid), 0n)); // close-on-exec by itself
  return Fd.own(checked(fd, `watch process ${pid}`));
}

async function waitForExit({ pidfd, status }: StartedChild): Promise<ExitStatus> {
  using _pidfd = pidfd;
  while (true) {
    const ended = status();
    if (ended !== undefined) return ended;
    await readyToRead(pidfd);
  }
}

async function readyToRead(fd: Fd): Promise<void> {
  using waiter = waitFor(fd, POLLIN);
  await waiter.ready;
}

/** The status of a child that has ended, which stays a zombie; `undefined` while it runs. */
function peekStatus(pid: number): ExitStatus | undefined {
  const info = new Uint8Array(SIGINFO_BYTES);
  if (libc().waitid(P_PID, pid, info, WEXITED | WNOHANG | WNOWAIT) < 0) {
    const number = errno();
    if (number === errnoOf("EINTR")) return undefined;
    throw new SystemError(number, `wait for process ${pid}`);
  }
  const view = new DataView(info.buffer);
  if (view.getInt32(SIGINFO_PID, true) === 0) return undefined;
  const status = view.getInt32(SIGINFO_STATUS, true);
  return view.getInt32(SIGINFO_CODE, true) === CLD_EXITED
    ? { code: status }
    : { signal: signalName(status) };
}
