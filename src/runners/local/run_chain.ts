// Running a chain: each command but the last is waited for, then this process becomes the last.

import { dismissWatchdog, startWithUs } from "../../host/watchdog.ts";
import { Fd } from "../../libc/fd.ts";
import { findLibc } from "../../libc/libc.ts";
import type { ExitStatus } from "../../libc/spawn.ts";
import { exitCode } from "../../model/outcome.ts";
import { execInPlace } from "./exec_in_place.ts";
import { SignalForwarder } from "./forward_signals.ts";
import { spawnInherited } from "./portable_process.ts";
import { spawnProgram } from "./spawn_program.ts";

/**
 * Runs the commands in order with our own stdio. Returns the exit code of the first that failed; if
 * none does this process becomes the last command, and this does not return.
 *
 * @throws {ProgramError} if a command is not found or not executable.
 */
export async function runChain(commands: readonly (readonly string[])[]): Promise<number> {
  using signals = new SignalForwarder();
  for (const argv of commands.slice(0, -1)) {
    const code = exitCode(await runOne(argv, signals));
    if (code !== 0) return code;
    if (signals.own !== undefined) return exitCode({ signal: signals.own });
  }
  const last = commands.at(-1)!;
  dismissWatchdog();
  if (findLibc() !== undefined) execInPlace(last, {});
  return exitCode(await runOne(last, signals)); // without FFI, waiting for it is the next best
}

/** Runs a command in our own process group, so that a terminal's signals reach it by themselves. */
async function runOne(argv: readonly string[], signals: SignalForwarder): Promise<ExitStatus> {
  if (findLibc() === undefined) {
    const status = await spawnInherited(argv, (pid) => signals.forwardTo(pid));
    signals.keep();
    return status;
  }
  const request = { runner: "chain", argv, env: {}, cwd: undefined };
  const stdio = { stdin: Fd.borrow(0), stdout: Fd.borrow(1), stderr: Fd.borrow(2) };
  const { started, cleanup } = startWithUs(
    () => spawnProgram(request, stdio),
    ({ pid }) => ({ process: pid }),
  );
  using child = started;
  using _cleanup = cleanup;
  signals.forwardTo(child.pid);
  const status = await child.exited;
  signals.keep();
  return status;
}
