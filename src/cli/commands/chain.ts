// `execvm chain`: from its arguments to a chain that runs.

import { parseChain } from "../../chain/parse_chain.ts";
import { takeNote } from "../../runners/contract/chain_note.ts";
import { runChain } from "../../runners/local/run_chain.ts";
import { report } from "../frame/exit_codes.ts";

/** Runs `execvm chain` with these arguments; the exit code, if it comes back at all. */
export async function runChainArguments(args: readonly string[]): Promise<number> {
  try {
    const note = takeNote();
    return await runChain(parseChain(args), note);
  } catch (error) {
    return report(error);
  }
}
