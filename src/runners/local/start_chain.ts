// Starts a chain as a process on this machine, which reports in a file which of its commands runs.

import { tempDir } from "../../host/temp_dir.ts";
import { killWithUs } from "../../host/watchdog.ts";
import type { Stdio } from "../../io/ends.ts";
import { type ChainNote, readLink } from "../contract/chain_note.ts";
import type { CommandEnd, Running } from "../contract/runner.ts";
import { startHostProcess } from "./host_process.ts";
import type { HostProcess } from "./spawn_program.ts";

/** How the process that runs a chain is started. */
export interface ChainStart {
  readonly argv: readonly string[];
  /** Variables besides those of the chain. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts the process that runs a chain: an execvm or `sh`. Signals are sent to all that it has
 * started.
 *
 * @param toStart returns how it is started so that it reports to the note
 * @throws {RunnerError} as {@linkcode startHostProcess}.
 */
export async function startChain(
  process: Omit<HostProcess, "argv">,
  toStart: (note: ChainNote) => ChainStart,
  stdio: Stdio,
): Promise<Running> {
  const path = `${tempDir()}/execvm-chain-${crypto.randomUUID()}`;
  const cleanup = killWithUs({ path });
  try {
    const { argv, env: own } = toStart({ path });
    const env = { ...process.env, ...own };
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
