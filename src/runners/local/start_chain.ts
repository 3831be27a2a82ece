// Starts a chain as a process on this machine, which reports in a file which of its commands runs.

import { tempDir } from "../../host/temp_dir.ts";
import { killWithUs } from "../../host/watchdog.ts";
import type { Stdio } from "../../io/ends.ts";
import { type ChainNote, noteVariables, readLink } from "../contract/chain_note.ts";
import type { CommandEnd, Running } from "../contract/runner.ts";
import { GROUP_SIGNALS } from "../../model/chain_argv.ts";
import { startHostProcess } from "./host_process.ts";
import type { HostProcess } from "./spawn_program.ts";

/**
 * Starts the process that runs a chain: an execvm or `sh`. Signals are sent to all that it has
 * started.
 *
 * @param toArgv returns its argv. An execvm takes from its environment where the note is, and that
 * it need not forward signals.
 * @throws {RunnerError} as {@linkcode startHostProcess}.
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

/**
 * Adds the reported number to the exit status.
 *
 * @param cleanup of the file, which is removed once read
 */
function withLink(running: Running, path: string, cleanup: Disposable): Running {
  return {
    exited: running.exited.then(async (status): Promise<CommandEnd> => {
      const told = await Deno.readTextFile(path).catch(() => undefined);
      await Deno.remove(path).catch(() => {}); // killed before it reported, there is none
      cleanup[Symbol.dispose]();
      return { ...status, ...readLink(told) };
    }),
    hearsTerminal: running.hearsTerminal === true,
    kill: (signal) => running.kill(signal),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
