// Parses the arguments of `execvm chain`, [--stdout=WHERE] DELIM a.. DELIM b.., on host and guest.
// Pure.

import { UsageError } from "../model/errors.ts";
import { CHAIN_STDOUTS, type ChainStdout } from "../model/nodes.ts";

/** A command of a chain. */
export interface Link {
  readonly argv: readonly string[];
  /** Where its stdout goes; that of the last command is always `pass`. */
  readonly stdout: ChainStdout;
}

/**
 * Returns the commands of a chain in the order they run. Nested chains are flattened, so that one
 * process of execvm runs them all.
 *
 * @param args the words after `execvm chain`
 * @param self another argv, besides the name `execvm`, that starts this program
 * @throws {UsageError} if the arguments are not a chain.
 */
export function chainLinks(
  args: readonly string[],
  self: readonly string[] = ["execvm"],
): readonly Link[] {
  const { stdout, rest: [delimiter, ...words] } = readOption(args);
  if (delimiter === undefined) {
    throw new UsageError("cannot chain: no delimiter is given: execvm chain DELIM A.. DELIM B..");
  }
  const quoted = JSON.stringify(delimiter);
  // Only the first delimiter splits: an inner chain may use the same one.
  const split = words.indexOf(delimiter);
  if (split < 0) {
    throw new UsageError(
      `cannot chain one command: a chain has two, with ${quoted} between them`,
    );
  }
  const [first, second] = [words.slice(0, split), words.slice(split + 1)];
  if (first.length === 0 || second.length === 0) {
    const which = first.length === 0 ? "before" : "after";
    throw new UsageError(`cannot chain: the command ${which} ${quoted} is empty`);
  }
  // The `stdout` of this chain applies to what a nested first chain passes.
  const firstLinks = flattenChain(first, self)
    .map((link) => link.stdout === "pass" ? { ...link, stdout } : link);
  return [...firstLinks, ...flattenChain(second, self)];
}

/**
 * Returns the commands of a nested chain, else the command itself.
 *
 * @throws {UsageError} if a chain is invalid.
 */
export function flattenChain(
  command: readonly string[],
  self: readonly string[] = ["execvm"],
): readonly Link[] {
  const args = nestedChain(command, self);
  return args === undefined ? [{ argv: command, stdout: "pass" }] : chainLinks(args, self);
}

/** Reads the option that may precede the delimiter. */
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
    `cannot chain with ${OPTION} ${value ?? ""}: it must be one of ${CHAIN_STDOUTS.join(", ")}`,
  );
}

const OPTION = "--stdout";

/** Returns the arguments of a command that is itself `execvm chain`; else `undefined`. */
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
