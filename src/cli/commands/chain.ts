// `execvm chain`: parses its arguments and runs the chain.

import { parseChain } from "../../chain/parse_chain.ts";
import { takeNote } from "../../runners/contract/chain_note.ts";
import { runChain } from "../../runners/local/run_chain.ts";
import { report } from "../frame/exit_codes.ts";

/**
 * Runs `execvm chain`. Returns the exit code, or not at all if this process becomes the last
 * command.
 */
export async function runChainArguments(args: readonly string[]): Promise<number> {
  try {
    const note = takeNote();
    return await runChain(parseChain(args), note);
  } catch (error) {
    return report(error);
  }
}
