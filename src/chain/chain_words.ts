// The language of chains, [--stdout=WHERE] DELIM a.. DELIM b.., which host and guest share. Pure.

import { UsageError } from "../model/errors.ts";
import { CHAIN_STDOUTS, type ChainStdout } from "../model/nodes.ts";

/** A command of a chain. */
export interface Link {
  readonly argv: readonly string[];
  /** Where its stdout goes: that of the last command always passes. */
  readonly stdout: ChainStdout;
}

/**
 * The commands of a chain in the order they run. A command that is a chain itself is taken apart, so
 * that all of them need only one process of ours.
 *
 * @param args what follows `execvm chain`
 * @param self another argv, beside the name `execvm`, that would start this program
 * @throws {UsageError} if that is no chain.
 */
export function chainLinks(
  args: readonly string[],
  self: readonly string[] = ["execvm"],
): readonly Link[] {
  const { stdout, rest: [delimiter, ...words] } = readOption(args);
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
  // What passes out of a chain that is the first command is the stdout of that.
  const firstLinks = flattenChain(first, self)
    .map((link) => link.stdout === "pass" ? { ...link, stdout } : link);
  return [...firstLinks, ...flattenChain(second, self)];
}

/** The commands of a command: those of its chain if it is one, else itself. @throws {UsageError} */
export function flattenChain(
  command: readonly string[],
  self: readonly string[] = ["execvm"],
): readonly Link[] {
  const args = nestedChain(command, self);
  return args === undefined ? [{ argv: command, stdout: "pass" }] : chainLinks(args, self);
}

/** The option that may stand before the delimiter. */
function readOption(
  args: readonly string[],
): { readonly stdout: ChainStdout; readonly rest: readonly string[] } {
  const [first = "", second] = args;
  if (first !== OPTION && !first.startsWith(`${OPTION}=`)) return { stdout: "pass", rest: args };
  const isOne = first !== OPTION;
  const value = isOne ? first.slice(OPTION.length + 1) : second;
  const stdout = CHAIN_STDOUTS.find((known) => known === value);
  if (stdout !== undefined) return { stdout, rest: args.slice(isOne ? 1 : 2) };
  throw new UsageError(
    `Cannot chain with ${OPTION} ${value ?? ""} as that is one of ${CHAIN_STDOUTS.join(", ")}`,
  );
}

const OPTION = "--stdout";

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
