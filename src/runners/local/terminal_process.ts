// Starts a process on a new terminal and copies between that and the given stdio.

import type { Stdio } from "../../io/ends.ts";
import { Fd } from "../../libc/fd.ts";
import { findLibc } from "../../libc/libc.ts";
import { makeRaw, openTerminal, ownTerminalSize, resizeTerminal } from "../../libc/terminal.ts";
import { showOf, typeOn } from "../../libc/terminal_copy.ts";
import type { SignalName } from "../../libc/signals.ts";
import { lendTerminal } from "../contract/lend_terminal.ts";
import type { Recipient, Running } from "../contract/runner.ts";
import { type HostProcess, spawnWatched } from "./spawn_program.ts";

/**
 * Starts a process as the leader of a session with a new terminal. What is read from stdin is typed
 * there, EOF as ^D; everything that the terminal shows is written to stdout.
 *
 * @throws {Error} if FFI is not available.
 * @throws {ProgramError} if the program is missing or not executable.
 */
export function startOnTerminal(process: HostProcess, stdio: Stdio): Running {
  if (findLibc() === undefined) {
    throw new Error(
      "cannot give a command a terminal: FFI is not available: run with --allow-ffi",
    );
  }
  const stdin = stdio.stdin instanceof Fd ? stdio.stdin : Fd.borrow(0);
  const stdout = stdio.stdout instanceof Fd ? stdio.stdout : Fd.borrow(1);
  const terminal = openTerminal(ownTerminalSize());
  if (process.terminal === "raw") makeRaw(terminal.master);
  using fallback = stdio.stderr instanceof Fd ? stdio.stderr : Fd.borrow(2);
  const running = spawnWatched(process, {
    stdin,
    stdout,
    stderr: fallback,
    leads: "session",
    terminal: terminal.path,
  });
  terminal.master.setNonblocking();
  const lent = lendTerminal(stdio.stdin, (size) => resizeTerminal(terminal.master, size));
  const typing = typeOn(terminal.master, stdin);
  const shown = showOf(terminal.master, stdout);
  return {
    ...running,
    kill(signal: SignalName, to?: Recipient) {
      if (signal === "SIGWINCH") return; // the kernel sends it with a new size
      if (signal === "SIGTSTP") lent.takeBack();
      if (signal === "SIGCONT") lent.lendAgain();
      return running.kill(signal, to);
    },
    exited: running.exited.then(async (status) => {
      await shown;
      lent[Symbol.dispose]();
      terminal.master.close();
      stdin.close();
      await typing;
      return status;
    }),
  };
}
