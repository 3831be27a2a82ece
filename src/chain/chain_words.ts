// The language of chains, DELIM a.. DELIM b.., which host and guest share. Pure.

import { UsageError } from "../model/errors.ts";

/**
 * The commands of a chain in the order they run. A command that is a chain itself is taken apart, so
 * that all of them need only one process of ours.
 *
 * @param args what follows `execvm chain`
 * @param self another argv, beside the name `execvm`, that would start this program
 * @throws {UsageError} if that is no chain.
 */
export function chainCommands(
  [delimiter, ...words]: readonly string[],
  self: readonly string[] = ["execvm"],
): readonly (readonly string[])[] {
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
  return [...flattenChain(first, self), ...flattenChain(second, self)];
}

/** The commands of a command: those of its chain if it is one, else itself. @throws {UsageError} */
export function flattenChain(
  command: readonly string[],
  self: readonly string[] = ["execvm"],
): readonly (readonly string[])[] {
  const args = nestedChain(command, self);
  return args === undefined ? [command] : chainCommands(args, self);
}

/** The arguments of a command that would start execvm again for a chain. */
function nestedChain(
  command: readonly string[],
  self: readonly string[],
): readonly string[] | undefined {
  const isExecvm = command[0]?.split("/").at(-1) === "execvm";
  const program = isExecvm ? [command[0]!] : self;
  const prefix = [...program, "chain"];
  const isChain = prefix.every((word, index) => command[index] === word);
  return isChain ? command.slice(prefix.length) : undefined;
}
