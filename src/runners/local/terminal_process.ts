// A process on a terminal of its own, its stdio copied to and from the other side.

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
 * Starts a process as the leader of a session whose terminal is new. What comes from stdin is typed,
 * its end as ^D; all that is shown goes to stdout.
 *
 * @throws {Error} if FFI is not available. @throws As `startHostProcess`.
 */
export function startOnTerminal(process: HostProcess, stdio: Stdio): Running {
  if (findLibc() === undefined) {
    throw new Error(
      "Cannot give a command a terminal as FFI is not available: run with --allow-ffi",
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
      if (signal === "SIGWINCH") return; // it comes with a new size
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
