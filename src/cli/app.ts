// Builds the stricli application and runs it on a command line.

import { type Application, buildApplication, type RouteMap, run } from "npm:@stricli/core@1.3.0";
import { describeVersion } from "../self/version.ts";
import { endOptions } from "./flags/end_of_options.ts";
import { splitValues } from "./flags/split_values.ts";
import { type CliContext, ownContext } from "./frame/context.ts";
import { report, USAGE } from "./frame/exit_codes.ts";
import { helpFlag } from "./help/help_flag.ts";
import { USAGE_TEXT } from "./help/usage_text.ts";
import { loadRoot } from "./root.ts";

/** Generous: `didYouMean` filters the candidates afterwards by a stricter measure. */
const DISTANCE = {
  threshold: 6,
  weights: { insertion: 1, deletion: 1, substitution: 1, transposition: 1 },
} as const;

/**
 * Builds the application for a command line; only the options of the subcommand that it names are
 * loaded.
 *
 * @param args the words behind `execvm`; without them all subcommands are loaded
 */
export async function loadApplication(
  args: readonly string[] = [],
): Promise<Application<CliContext> & { readonly root: RouteMap<CliContext> }> {
  const root = await loadRoot(args);
  const built: Application<CliContext> = buildApplication(root, {
    name: "execvm",
    versionInfo: { getCurrentVersion: describeVersion },
    scanner: {
      caseStyle: "allow-kebab-for-camel",
      allowArgumentEscapeSequence: true,
      distanceOptions: DISTANCE,
    },
    documentation: { caseStyle: "convert-camel-to-kebab" },
    localization: { text: USAGE_TEXT },
  });
  const { version } = built.integrations;
  return { ...built, root, integrations: { ...(version && { version }), help: helpFlag } };
}

/**
 * Runs a command line and returns the exit code. Errors are reported on stderr, not thrown.
 *
 * @param args the words behind `execvm`
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    // A chain has its own grammar, in which only --stdout and a lone --help are options.
    if (args[0] === "chain" && args[1] !== "--help" && args[1] !== "-h") {
      const { runChainArguments } = await import("./commands/chain.ts");
      return await runChainArguments(args.slice(1));
    }
    if (args[0] === "far") { // internal: started by the execvm of another machine
      const { runRemote } = await import("./commands/remote.ts");
      return await runRemote(args.slice(1));
    }
    const application = await loadApplication(args);
    const { root } = application;
    const context = ownContext(() => root);
    const words = endOptions(root, splitValues(root, args));
    await run(application, args.length === 0 ? ["--help"] : words, context);
    const code = Number(context.process.exitCode ?? 0);
    return code < 0 ? USAGE : code; // stricli uses negative codes for parse errors
  } catch (error) {
    return report(error);
  }
}
