// Parses the command line of a task of this checkout.

import { parseArgs, type ParseArgsConfig } from "node:util";
import { messageOf } from "../model/errors.ts";

/**
 * Like `parseArgs` of node:util; `--help` prints `usage` on stdout and ends this process.
 *
 * @throws {TypeError} with a one-line message, if the arguments are not valid.
 */
export function parseTaskArgs<T extends ParseArgsConfig>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (config.args?.includes("--help")) {
    Deno.stdout.writeSync(new TextEncoder().encode(`${usage}\n`));
    Deno.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    const [fact] = messageOf(error).replaceAll("'", "").split(/\.(?:\s|$)|\n/);
    const uncapitalized = fact!.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
    throw new TypeError(`cannot run: ${uncapitalized}`, { cause: error });
  }
}
