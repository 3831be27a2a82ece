// What a computer elsewhere is given to run.

import { shellChainArgv } from "../../chain/shell_chain.ts";
import { commandArgv, GROUP_SIGNALS } from "../../model/chain_argv.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { type ChainNote, noteVariables } from "./chain_note.ts";
import { saidMark } from "./said_mark.ts";

/**
 * The environment of a command, in which a chain also finds where to tell which of its commands runs.
 *
 * @param execvm the one that runs a chain there; signals are then sent to all that it has started
 */
export function innerEnvironment(
  command: CommandNode,
  execvm: string | undefined,
  note?: ChainNote,
): Readonly<Record<string, string>> {
  const own = { ...command.env, ...noteVariables(note) };
  return command.type === "command" || execvm === undefined ? own : { ...own, ...GROUP_SIGNALS };
}

/**
 * The argv of a command. A chain is run by the execvm that is there, at this path, or by its `sh`.
 *
 * @param note where that `sh` tells which command runs; an execvm has it from the environment
 */
export function innerArgv(
  command: CommandNode,
  execvm: string | undefined,
  note?: ChainNote,
): readonly string[] {
  if (command.type === "command") return command.args;
  if (execvm !== undefined) return [execvm, ...commandArgv(command).slice(1)];
  const told = note && ("path" in note ? note : { mark: saidMark(note.token) });
  return shellChainArgv(command.commands, { ...told, stdout: command.stdout });
}
