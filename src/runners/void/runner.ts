// The void runner: commands do not run; their input is discarded.

import { quoteArgv } from "../../host/quote.ts";
import { closeOutput, readAll } from "../../io/edges.ts";
import { commandArgv } from "../../model/chain_argv.ts";
import { givenOptions } from "../contract/given_options.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { VOID_OPTION_SPECS, type VoidOptions } from "./options.ts";

/**
 * Returns a runner that runs nothing: each command reads its whole input, has no output and
 * succeeds. Source, transforms and sink of the pipeline work as usual.
 *
 * @param options whether to print the commands
 *
 * @example
 * ```ts
 * import { cmd, file, voidRunner } from "@execvm/execvm";
 *
 * const pipeline = file("README.md").pipe(cmd("no-such-program"));
 * await pipeline.text({ runner: voidRunner({ debug: true }) }); // ""
 * ```
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
