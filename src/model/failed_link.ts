// Which command of a chain failed: from what a runner tells, and in words.

import { quoteArgv } from "../host/quote.ts";
import type { StageNode } from "./nodes.ts";
import type { FailedLink } from "./result.ts";

/** @param link the number of the last command that ran, as the runner tells it; a guest can tell anything */
export function toFailedLink(node: StageNode, link: number | undefined): FailedLink | undefined {
  if (node.type !== "chain") return undefined;
  const of = node.commands.length;
  // One that is written as a chain itself is counted by its own commands.
  const isNested = node.commands.some(([program = "", word]) =>
    word === "chain" && program.split("/").at(-1) === "execvm"
  );
  const argv = link === undefined || isNested ? undefined : node.commands[link - 1];
  return argv === undefined ? { of } : { of, number: link!, argv };
}

/** Such as `command 2 of 3, sh`. */
export function describeLink({ of, number, argv = [] }: FailedLink): string {
  if (number === undefined) return `one of ${of} commands of a chain`;
  return `command ${number} of ${of}, ${quoteArgv(argv.slice(0, 1))}`;
}
