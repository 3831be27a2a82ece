// `execvm chain` as this program reads it: a chain in it that would start this program is taken apart.

import { selfArgv } from "../self/start_again.ts";
import { chainLinks, type Link } from "./chain_words.ts";

/**
 * The commands of a chain in the order they run.
 *
 * @param args what follows `execvm chain`
 * @throws {UsageError} if that is no chain.
 */
export function parseChain(args: readonly string[]): readonly Link[] {
  return chainLinks(args, selfArgv());
}
