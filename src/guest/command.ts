// Runs the commands of a chain one after the other, each once the one before has succeeded.

import { runAs } from "../libc/credentials.ts";
import { Fd, openForWriting } from "../libc/fd.ts";
import { libc } from "../libc/libc.ts";
import { ProgramError, withProgram } from "../libc/program.ts";
import { POLLIN } from "../libc/reactor.ts";
import {
  type ExitStatus,
  sendSignal,
  start,
  type StartedChild,
  suspendSession,
} from "../libc/spawn.ts";
import type { SignalName } from "../libc/signals.ts";
import type { LinkReport, LinkStdout, SignalMessage } from "../machine/protocol.ts";
import type { Loop } from "./loop.ts";
import { hasRoot } from "./root.ts";
import type { User } from "./user.ts";

/** The commands to run, and their surroundings. */
export interface CommandRequest {
  readonly commands: readonly (readonly string[])[];
  /** Where the stdout of each command goes. @default `pass` for all */
  readonly stdouts?: readonly LinkStdout[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** The user to run them as. @default root */
  readonly user?: User | undefined;
  readonly stdin: Fd;
  readonly stdout: Fd;
  readonly stderr: Fd;
  /** Path of a terminal that becomes the controlling terminal. */
  readonly terminal?: string | undefined;
  /** Path of the program to run, in place of looking its name up. */
  readonly program?: string | undefined;
  /** The only command, if it already runs; then nothing else is started. */
  readonly started?: StartedChild | undefined;
  /**
   * Called when the last command has been started: then our copies of its ends should be closed.
   */
  readonly onLastStarted?: () => void;
  /** Receives the status of the last command that ran; 127 or 126 if it cannot be found or run. */
  readonly onEnd: (status: LinkStatus) => void;
}

/** How the last command that ran ended, and, in a chain, its position. */
export type LinkStatus = ExitStatus & LinkReport;

/** The default environment of a command. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
};

/** For busybox: without it, whether non-ASCII names are shown unescaped depends on the release. */
const OF_BUSYBOX: Readonly<Record<string, string>> = { LANG: "C.UTF-8" };

/** Signals that end a chain even if the running command catches them. */
const NOT_TO_GO_ON: readonly SignalName[] = ["SIGHUP", "SIGTERM"];

/** Runs commands, starting with the constructor. */
export class CommandRun {
  readonly #loop: Loop;
  readonly #request: CommandRequest;
  #child: StartedChild | undefined;
  /** The signal that ends the chain: no other command is started after it. */
  #told: SignalName | undefined;

  /** @throws {SystemError} if the first cannot be started, for another reason than its argv. */
  constructor(loop: Loop, request: CommandRequest) {
    this.#loop = loop;
    this.#request = request;
    loop.isBusy = true;
    if (request.started === undefined) this.#start(0);
    else this.#follow(request.started, request.commands.length - 1);
  }

  /** Sends a signal to the running command alone, or also to the processes that it has started. */
  signal({ signal, to }: Omit<SignalMessage, "type">): void {
    if (this.#child === undefined) return;
    if (NOT_TO_GO_ON.includes(signal)) this.#told = signal;
    if (to === "command") sendSignal(this.#child.pid, signal);
    else if (signal === "SIGTSTP") suspendSession(this.#child.pid);
    else sendSignal(-this.#child.pid, signal);
  }

  #start(index: number): void {
    const { commands, onLastStarted } = this.#request;
    let child: StartedChild;
    try {
      const place = this.#stdoutOf(index);
      using stdout = this.#openStdout(place);
      const isStdoutApart = place === "discard";
      child = startCommand(commands[index]!, { ...this.#request, stdout, isStdoutApart });
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      onPhase(this.#request.stderr, error);
      return this.#end(index, { code: error.code });
    }
    if (index === commands.length - 1) onLastStarted?.();
    this.#follow(child, index);
  }

  #follow(child: StartedChild, index: number): void {
    const { commands } = this.#request;
    this.#child = child;
    const watch = this.#loop.watch(child.pidfd, POLLIN, () => {
      const status = child.status();
      if (status === undefined) return;
      watch[Symbol.dispose]();
      child[Symbol.dispose]();
      if (status.code !== 0 || index === commands.length - 1) this.#end(index, status);
      else if (this.#told === undefined) this.#start(index + 1);
      else this.#end(index, { signal: this.#told });
    });
  }

  #stdoutOf(index: number): LinkStdout {
    const { commands, stdouts } = this.#request;
    return index === commands.length - 1 ? "pass" : stdouts?.[index] ?? "pass";
  }

  #openStdout(place: LinkStdout): Fd {
    const { stdout, stderr } = this.#request;
    if (place === "discard") return openForWriting("/dev/null");
    return Fd.borrow(place === "stderr" ? stderr.number : stdout.number);
  }

  #end(index: number, status: ExitStatus): void {
    const { commands, onEnd } = this.#request;
    this.#child = undefined;
    this.#loop.isBusy = false;
    onEnd(commands.length > 1 ? { ...status, link: index + 1 } : status);
  }
}

/** Writes to stderr why a command does not run, as a shell would. */
function onPhase(stderr: Fd, error: ProgramError): void {
  const line = new TextEncoder().encode(`execvm: ${error.message}\n`);
  libc().write(stderr.number, line, BigInt(line.length));
}

/** Starts a command. @throws {ProgramError} if it cannot be found or run. */
export function startCommand(
  argv: readonly string[],
  request:
    & Pick<CommandRequest, "env" | "cwd" | "user" | "stdin" | "stdout" | "stderr" | "terminal">
    & Pick<CommandRequest, "program">
    & { readonly isStdoutApart?: boolean },
): StartedChild {
  const { env, cwd, user, stdin, stdout, stderr, terminal, program } = request;
  const { isStdoutApart = false } = request;
  const own = hasRoot() ? ENVIRONMENT : { ...ENVIRONMENT, ...OF_BUSYBOX };
  const environment: Readonly<Record<string, string>> = { ...own, ...user?.env, ...env };
  const where = { path: environment["PATH"], cwd };
  const begin = (path: string, argv: readonly string[]) =>
    start({
      path,
      argv,
      environment: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      cwd,
      stdin,
      stdout,
      stderr,
      terminal,
      isStdoutApart,
      leads: "session",
    });
  if (program !== undefined) return begin(program, argv);
  return runAs(user, () => withProgram(argv, where, begin));
}
