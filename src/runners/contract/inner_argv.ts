// What a computer elsewhere is given to run.

import { shellChainArgv } from "../../chain/shell_chain.ts";
import { commandArgv } from "../../model/chain_argv.ts";
import type { CommandNode } from "../../model/nodes.ts";

/** The argv of a command. A chain is run by the execvm that is there, at this path, or by its `sh`. */
export function innerArgv(command: CommandNode, execvm: string | undefined): readonly string[] {
  if (command.type === "command") return command.args;
  if (execvm === undefined) return shellChainArgv(command.commands);
  return [execvm, ...commandArgv(command).slice(1)];
}
