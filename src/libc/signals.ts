// Signal names and numbers of Linux on x86_64 and aarch64 (asm-generic/signal.h).

/** The name of a signal: a standard one, or `SIGRTMIN+n` as `kill -l` prints it. */
export type SignalName =
  | "SIGHUP"
  | "SIGINT"
  | "SIGQUIT"
  | "SIGILL"
  | "SIGTRAP"
  | "SIGABRT"
  | "SIGBUS"
  | "SIGFPE"
  | "SIGKILL"
  | "SIGUSR1"
  | "SIGSEGV"
  | "SIGUSR2"
  | "SIGPIPE"
  | "SIGALRM"
  | "SIGTERM"
  | "SIGSTKFLT"
  | "SIGCHLD"
  | "SIGCONT"
  | "SIGSTOP"
  | "SIGTSTP"
  | "SIGTTIN"
  | "SIGTTOU"
  | "SIGURG"
  | "SIGXCPU"
  | "SIGXFSZ"
  | "SIGVTALRM"
  | "SIGPROF"
  | "SIGWINCH"
  | "SIGIO"
  | "SIGPWR"
  | "SIGSYS"
  | `SIGRTMIN+${number}`;

/** Signal names by number; there is no signal 0. */
const NAMES: readonly (SignalName | undefined)[] = [
  undefined,
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGKILL",
  "SIGUSR1",
  "SIGSEGV",
  "SIGUSR2",
  "SIGPIPE",
  "SIGALRM",
  "SIGTERM",
  "SIGSTKFLT",
  "SIGCHLD",
  "SIGCONT",
  "SIGSTOP",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGURG",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGVTALRM",
  "SIGPROF",
  "SIGWINCH",
  "SIGIO",
  "SIGPWR",
  "SIGSYS",
];

// glibc reserves 32 and 33, so its SIGRTMIN is 34.
const SIGRTMIN = 34;

/** Returns the name of a signal number. */
export function signalName(number: number): SignalName {
  return NAMES[number] ?? `SIGRTMIN+${number - SIGRTMIN}`;
}

/** Whether this is the name of a signal. */
export function isSignalName(name: string): name is SignalName {
  return NAMES.includes(name as SignalName) || /^SIGRTMIN\+\d+$/.test(name);
}

/**
 * Returns the number of a signal, such as 15 for `SIGTERM`.
 *
 * @throws {RangeError} if there is none.
 */
export function signalNumber(name: SignalName): number {
  const index = NAMES.indexOf(name);
  if (index > 0) return index;
  const realTime = /^SIGRTMIN\+(\d+)$/.exec(name)?.[1];
  if (realTime !== undefined) return SIGRTMIN + Number(realTime);
  throw new RangeError(`cannot send ${name}: there is no signal of that name`);
}

/**
 * Signals whose default action is to be ignored, to stop or to continue the process (signal(7)).
 */
const HARMLESS: readonly SignalName[] = [
  ...["SIGCONT", "SIGCHLD", "SIGURG", "SIGWINCH"] as const,
  ...["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"] as const,
];

/** Whether the default action of a signal is to end the process. */
export function isFatal(signal: SignalName): boolean {
  return !HARMLESS.includes(signal);
}
