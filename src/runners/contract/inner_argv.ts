// Makes the argv and environment of a command that runs on another computer.

import { shellChainArgv } from "../../chain/shell_chain.ts";
import { commandArgv, GROUP_SIGNALS } from "../../model/chain_argv.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { type ChainNote, noteVariables } from "./chain_note.ts";
import { saidMark } from "./said_mark.ts";

/**
 * Returns the environment of a command. For a chain it includes where to report which command runs.
 *
 * @param execvm path of the execvm that runs a chain there, if one does; a variable then tells it
 * that signals are sent to its whole group
 * @param note where the chain reports
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
 * Returns the argv of a command. A chain is run by the execvm at that path, or without one by `sh`.
 *
 * @param execvm path of an execvm on that computer
 * @param note where `sh` reports which command runs; an execvm takes that from its environment
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
