// The language of `execvm chain`: DELIM a.. DELIM b..

import { UsageError } from "../errors.ts";
import { selfArgv } from "../self.ts";

/**
 * The commands of a chain in the order they run. A command that is a chain itself is taken apart, so
 * that all of them need only one process of ours.
 *
 * @param args what follows `execvm chain`
 * @throws {UsageError} if that is no chain.
 */
export function parseChain([delimiter, ...words]: readonly string[]): readonly string[][] {
  if (delimiter === undefined) {
    throw new UsageError("Cannot chain as no delimiter is given: execvm chain DELIM A.. DELIM B..");
  }
  const quoted = JSON.stringify(delimiter);
  // Only the first delimiter splits: what follows may use the same one for a chain of its own.
  const split = words.indexOf(delimiter);
  if (split < 0) {
    throw new UsageError(
      `Cannot chain one command as a chain has two, with ${quoted} between them`,
    );
  }
  const [first, second] = [words.slice(0, split), words.slice(split + 1)];
  if (first.length === 0 || second.length === 0) {
    const which = first.length === 0 ? "before" : "after";
    throw new UsageError(`Cannot chain as the command ${which} ${quoted} is empty`);
  }
  return [...takeApart(first), ...takeApart(second)];
}

function takeApart(command: string[]): readonly string[][] {
  const args = nestedChain(command);
  return args === undefined ? [command] : parseChain(args);
}

/** The arguments of a command that would start execvm again for a chain. */
function nestedChain(command: readonly string[]): readonly string[] | undefined {
  const isExecvm = command[0]?.split("/").at(-1) === "execvm";
  const program = isExecvm ? [command[0]!] : selfArgv();
  const prefix = [...program, "chain"];
  const isChain = prefix.every((word, index) => command[index] === word);
  return isChain ? command.slice(prefix.length) : undefined;
}
