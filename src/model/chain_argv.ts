// Writes a chain as an argv: `execvm chain DELIM a.. DELIM execvm chain DELIM b.. DELIM c..`

import type { ChainNode, CommandNode } from "./nodes.ts";

/**
 * The environment variable that tells `execvm chain` not to forward signals, for runners that send
 * each signal to the whole process group.
 */
export const GROUP_SIGNALS = { EXECVM_CHAIN_SIGNALS: "group" } as const;

/** Returns the argv of a command as a user would type it; a chain as nested `execvm chain`s. */
export function commandArgv(node: CommandNode): readonly string[] {
  if (node.type === "command") return node.args;
  return chainArgv(node.commands, chooseDelimiter(node.commands), node.stdout ?? "pass");
}

/** Returns a word that occurs in none of the commands: `--`, or more dashes if needed. */
export function chooseDelimiter(commands: readonly (readonly string[])[]): string {
  const used = new Set(commands.flat());
  let delimiter = "--";
  while (used.has(delimiter)) delimiter += "-";
  return delimiter;
}

function chainArgv(
  [first, ...rest]: readonly (readonly string[])[],
  delimiter: string,
  stdout: NonNullable<ChainNode["stdout"]>,
): readonly string[] {
  if (rest.length === 0) return first ?? [];
  const option = stdout === "pass" ? [] : [`--stdout=${stdout}`];
  // Only the first delimiter splits, so that the inner chain may use the same one.
  const inner = chainArgv(rest, delimiter, stdout);
  return ["execvm", "chain", ...option, delimiter, ...first ?? [], delimiter, ...inner];
}
