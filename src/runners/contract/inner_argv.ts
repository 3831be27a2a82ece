// What a computer elsewhere is given to run.

import { shellChainArgv } from "../../chain/shell_chain.ts";
import { commandArgv } from "../../model/chain_argv.ts";
import type { CommandNode } from "../../model/nodes.ts";
import type { ChainNote } from "./chain_note.ts";
import { saidMark } from "./said_mark.ts";

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
