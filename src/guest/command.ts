// Running what was asked for: one command after the other, each once the one before has succeeded.

import type { Fd } from "../libc/fd.ts";
import { withProgram } from "../libc/program.ts";
import { type Child, type ExitStatus, sendSignal, spawn } from "../libc/spawn.ts";
import type { SignalName } from "../libc/signals.ts";

/** What to run, and with what. */
export interface CommandRequest {
  readonly commands: readonly (readonly string[])[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly stdin: Fd;
  readonly stdout: Fd;
  readonly stderr: Fd;
  /** A terminal that becomes the command's own. */
  readonly terminal?: string | undefined;
  /** Called when the last of the commands has all it needs: then nobody else should hold its ends. */
  readonly onLastStarted?: () => void;
}

/** The environment of a command that asks for nothing else. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
};

/** Commands that run. */
export class CommandRun {
  #child: Child | undefined;

  /**
   * Runs the commands to their end: the status of the last one that ran.
   *
   * @throws {ProgramError} if one is not found or not executable.
   */
  async run(request: CommandRequest): Promise<ExitStatus> {
    let status: ExitStatus = { code: 0 };
    for (const [index, argv] of request.commands.entries()) {
      using child = start(argv, request);
      this.#child = child;
      if (index === request.commands.length - 1) request.onLastStarted?.();
      status = await child.exited;
      if (status.code !== 0) break;
    }
    this.#child = undefined;
    return status;
  }

  /** Sends a signal to all that the command which runs now has started. */
  signal(signal: SignalName): void {
    if (this.#child !== undefined) sendSignal(-this.#child.pid, signal);
  }
}

function start(argv: readonly string[], request: CommandRequest): Child {
  const { env, cwd, stdin, stdout, stderr, terminal } = request;
  const environment = { ...ENVIRONMENT, ...env };
  return withProgram(argv[0] ?? "", { path: environment["PATH"], cwd }, (path) =>
    spawn({
      path,
      argv,
      environment: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      cwd,
      stdin,
      stdout,
      stderr,
      terminal,
      leads: "session",
    }));
}
