// Parses the arguments of `execvm chain`; nested chains that would start this program are
// flattened.

import { selfArgv } from "../self/start_again.ts";
import { chainLinks, type Link } from "./chain_words.ts";

/**
 * Returns the commands of a chain in the order they run.
 *
 * @param args the words after `execvm chain`
 * @throws {UsageError} if they are not a chain.
 */
export function parseChain(args: readonly string[]): readonly Link[] {
  return chainLinks(args, selfArgv());
}
