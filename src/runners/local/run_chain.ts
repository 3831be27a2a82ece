// Runs a chain: waits for each command but the last, then replaces this process by the last.

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
 * Runs the commands in order with our own stdio. Returns the exit code of the first that fails. If
 * none fails, this process becomes the last command and the function does not return, except
 * without FFI, where it returns the exit code of the last.
 *
 * @param note where to report which of them is about to run
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

/** Runs a command in our process group, so that signals of a terminal reach it directly. */
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
