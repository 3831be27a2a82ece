// What a computer elsewhere is given to run.

import { shellChainArgv } from "../../chain/shell_chain.ts";
import { commandArgv, GROUP_SIGNALS } from "../../model/chain_argv.ts";
import type { CommandNode } from "../../model/nodes.ts";

/** The environment of a command where signals are sent to all that it has started. */
export function innerEnvironment(
  command: CommandNode,
  execvm: string | undefined,
): Readonly<Record<string, string>> {
  if (command.type === "command" || execvm === undefined) return command.env;
  return { ...command.env, ...GROUP_SIGNALS };
}

/** The argv of a command. A chain is run by the execvm that is there, at this path, or by its `sh`. */
export function innerArgv(command: CommandNode, execvm: string | undefined): readonly string[] {
  if (command.type === "command") return command.args;
  if (execvm === undefined) return shellChainArgv(command.commands);
  return [execvm, ...commandArgv(command).slice(1)];
}
