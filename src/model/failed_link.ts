// Names the command of a chain that failed, from the number that a runner reports.

import { quoteArgv } from "../host/quote.ts";
import type { StageNode } from "./nodes.ts";
import type { FailedLink } from "./result.ts";

/**
 * Returns the failed command of a chain, or `undefined` if the stage is not a chain.
 *
 * @param link the number of the last command that ran, as the runner reports it; not trusted,
 * because a guest can report any number
 */
export function toFailedLink(node: StageNode, link: number | undefined): FailedLink | undefined {
  if (node.type !== "chain") return undefined;
  const of = node.commands.length;
  // A command that is itself an `execvm chain` counts its own commands, so the number is ambiguous.
  const isNested = node.commands.some(([program = "", word]) =>
    word === "chain" && program.split("/").at(-1) === "execvm"
  );
  const argv = link === undefined || isNested ? undefined : node.commands[link - 1];
  return argv === undefined ? { of } : { of, number: link!, argv };
}

/** Returns text such as `command 2 of 3, sh`. */
export function describeLink({ of, number, argv = [] }: FailedLink): string {
  if (number === undefined) return `one of ${of} commands of a chain`;
  return `command ${number} of ${of}, ${quoteArgv(argv.slice(0, 1))}`;
}
