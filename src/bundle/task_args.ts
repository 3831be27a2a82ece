// Parses the command line of a task of this checkout.

import { parseArgs, type ParseArgsConfig } from "node:util";
import { messageOf } from "../model/errors.ts";

/**
 * Like `parseArgs` of node:util.
 *
 * @throws {TypeError} with a one-line message, if the arguments are not valid.
 */
export function parseTaskArgs<T extends ParseArgsConfig>(
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [fact] = messageOf(error).replaceAll("'", "").split(/\.(?:\s|$)|\n/);
    const uncapitalized = fact!.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
    throw new TypeError(`cannot run: ${uncapitalized}`, { cause: error });
  }
}
