// A chain as a process of this machine, which tells in a file which of its commands runs.

import { tempDir } from "../../host/temp_dir.ts";
import { killWithUs } from "../../host/watchdog.ts";
import type { Stdio } from "../../io/ends.ts";
import { type ChainNote, noteVariables, readLink } from "../contract/chain_note.ts";
import type { CommandEnd, Running } from "../contract/runner.ts";
import { GROUP_SIGNALS } from "../../model/chain_argv.ts";
import { startHostProcess } from "./host_process.ts";
import type { HostProcess } from "./spawn_program.ts";

/**
 * Starts what runs a chain: an execvm, or `sh`. Signals are sent to all that it has started.
 *
 * @param toArgv its argv; an execvm has the place of the note, and that it need pass no signals on, from the
 *   environment
 * @throws As `startHostProcess`.
 */
export async function startChain(
  process: Omit<HostProcess, "argv">,
  toArgv: (note: ChainNote) => readonly string[],
  stdio: Stdio,
): Promise<Running> {
  const path = `${tempDir()}/execvm-chain-${crypto.randomUUID()}`;
  const cleanup = killWithUs({ path });
  try {
    const env = { ...process.env, ...noteVariables({ path }), ...GROUP_SIGNALS };
    const argv = toArgv({ path });
    return withLink(await startHostProcess({ ...process, argv, env }, stdio), path, cleanup);
  } catch (error) {
    cleanup[Symbol.dispose]();
    throw error;
  }
}

/** @param cleanup of the file, which is removed once it has been read */
function withLink(running: Running, path: string, cleanup: Disposable): Running {
  return {
    exited: running.exited.then(async (status): Promise<CommandEnd> => {
      const told = await Deno.readTextFile(path).catch(() => undefined);
      await Deno.remove(path).catch(() => {}); // it may have been killed before it told anything
      cleanup[Symbol.dispose]();
      return { ...status, ...readLink(told) };
    }),
    hearsTerminal: running.hearsTerminal === true,
    kill: (signal) => running.kill(signal),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
