// The void runner: commands do not run; what is fed to them is swallowed.

import { quoteArgv } from "../host/quote.ts";
import { closeOutput, readAll } from "../io/edges.ts";
import { commandArgv } from "../model/chain_argv.ts";
import { givenOptions } from "./contract/given_options.ts";
import type { OptionSpec } from "./contract/option_spec.ts";
import { makeRunner, type Runner } from "./contract/runner.ts";
import type { RunnerType } from "./contract/runner_type.ts";

/** How commands do not run. */
export interface VoidOptions {
  /** Print each command to our stderr. */
  readonly debug?: boolean;
}

/** How they are written in JSON and on the command line. */
export const VOID_OPTION_SPECS = {
  debug: { type: "boolean", summary: "print each command" },
} satisfies Record<keyof VoidOptions, OptionSpec>;

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

/** The kind of runner that {@linkcode voidRunner} makes. */
export const voidType: RunnerType = {
  kind: "void",
  summary: "nothing runs; with --debug each command is printed",
  options: VOID_OPTION_SPECS,
  create: (options) => voidRunner(options as VoidOptions),
};
