// Running a chain: each command but the last is waited for, then this process becomes the last.

import type { Link } from "../../chain/chain_words.ts";
import { dismissWatchdog, startWithUs } from "../../host/watchdog.ts";
import { Fd, openForWriting } from "../../libc/fd.ts";
import { findLibc } from "../../libc/libc.ts";
import type { ExitStatus } from "../../libc/spawn.ts";
import { exitCode } from "../../model/outcome.ts";
import { type ChainNote, tellLink } from "../contract/chain_note.ts";
import { execInPlace } from "./exec_in_place.ts";
import { SignalForwarder } from "./forward_signals.ts";
import { spawnInherited } from "./portable_process.ts";
import { spawnProgram } from "./spawn_program.ts";

/**
 * Runs the commands in order with our own stdio. Returns the exit code of the first that failed; if
 * none does this process becomes the last command, and this does not return.
 *
 * @param note where to tell which of them is about to run
 * @throws {ProgramError} if a command is not found or not executable.
 */
export async function runChain(links: readonly Link[], note?: ChainNote): Promise<number> {
  using signals = new SignalForwarder();
  for (const [index, link] of links.slice(0, -1).entries()) {
    tellLink(note, index + 1);
    const code = exitCode(await runOne(link, signals));
    if (code !== 0) return code;
    if (signals.own !== undefined) return exitCode({ signal: signals.own });
  }
  const last = links.at(-1)!;
  dismissWatchdog();
  tellLink(note, links.length);
  if (findLibc() !== undefined) execInPlace(last.argv, {});
  return exitCode(await runOne(last, signals)); // without FFI, waiting for it is the next best
}

/** Runs a command in our own process group, so that a terminal's signals reach it by themselves. */
async function runOne({ argv, stdout }: Link, signals: SignalForwarder): Promise<ExitStatus> {
  if (findLibc() === undefined) {
    const status = await spawnInherited(argv, stdout, (pid) => signals.forwardTo(pid));
    await signals.keep();
    return status;
  }
  const request = { runner: "chain", argv, env: {}, cwd: undefined };
  using output = openStdout(stdout);
  const stdio = { stdin: Fd.borrow(0), stdout: output, stderr: Fd.borrow(2) };
  const { started, cleanup } = startWithUs(
    () => spawnProgram(request, stdio),
    ({ pid }) => ({ process: pid }),
  );
  using child = started;
  using _cleanup = cleanup;
  signals.forwardTo(child.pid);
  const status = await child.exited;
  await signals.keep();
  return status;
}

function openStdout(stdout: Link["stdout"]): Fd {
  if (stdout === "discard") return openForWriting("/dev/null");
  return Fd.borrow(stdout === "stderr" ? 2 : 1);
}
