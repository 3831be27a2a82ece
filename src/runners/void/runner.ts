// The void runner: commands do not run; what is fed to them is swallowed.

import { quoteArgv } from "../../host/quote.ts";
import { closeOutput, readAll } from "../../io/edges.ts";
import { commandArgv } from "../../model/chain_argv.ts";
import { givenOptions } from "../contract/given_options.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { VOID_OPTION_SPECS, type VoidOptions } from "./options.ts";

/**
 * Runs no command: each reads all of its input, gives no output and succeeds. The rest of a pipeline,
 * its source, transforms and sink, works as ever.
 */
export function voidRunner(options: VoidOptions = {}): Runner {
  const { debug } = options;
  return makeRunner({
    kind: "void",
    options: givenOptions(options, VOID_OPTION_SPECS),
    argv: commandArgv,
    async start(command, stdio) {
      if (debug === true) {
        await Deno.stderr.write(new TextEncoder().encode(`${quoteArgv(commandArgv(command))}\n`));
      }
      await closeOutput(stdio.stdout);
      await closeOutput(stdio.stderr);
      const { promise: killed, resolve: kill } = Promise.withResolvers<{ signal: "SIGKILL" }>();
      const swallowed = readAll(stdio.stdin).then(() => ({ code: 0 }));
      return {
        exited: Promise.race([swallowed, killed]),
        kill: () => kill({ signal: "SIGKILL" }),
        async [Symbol.asyncDispose]() {},
      };
    },
  });
}
