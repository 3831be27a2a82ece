// The application: its subcommands, each loaded when it is called.

import {
  type Application,
  buildApplication,
  buildRouteMap,
  type RouteMap,
  run,
} from "npm:@stricli/core@1.3.0";
import { describeVersion } from "../self/version.ts";
import { chainCommand } from "./commands/chain_command.ts";
import { codeCommand } from "./commands/code_command.ts";
import { completeCommand, completionsCommand } from "./commands/completions_command.ts";
import { doctorCommand } from "./commands/doctor_command.ts";
import { helpCommand, helpFlag } from "./commands/help_command.ts";
import { imageCommand } from "./commands/image_command.ts";
import { initrdCommand } from "./commands/initrd_command.ts";
import { kernelCommand } from "./commands/kernel_command.ts";
import { mcpCommand } from "./commands/mcp_command.ts";
import { pipeCommand } from "./commands/pipe_command.ts";
import { planCommand } from "./commands/plan_command.ts";
import { runCommand } from "./commands/run_command.ts";
import { templateCommand } from "./commands/template_command.ts";
import { splitEmptyValues } from "./flags/empty_values.ts";
import { endOptions } from "./flags/end_of_options.ts";
import { type CliContext, ownContext } from "./frame/context.ts";
import { report, USAGE } from "./frame/exit_codes.ts";
import { USAGE_TEXT } from "./help/usage_text.ts";

/** Generous, as what is close is judged by our own measure after that. */
const DISTANCE = {
  threshold: 6,
  weights: { insertion: 1, deletion: 1, substitution: 1, transposition: 1 },
} as const;

const root: RouteMap<CliContext> = buildRouteMap({
  routes: {
    run: runCommand,
    pipe: pipeCommand,
    plan: planCommand,
    chain: chainCommand,
    code: codeCommand,
    image: imageCommand,
    kernel: kernelCommand,
    initrd: initrdCommand,
    template: templateCommand,
    mcp: mcpCommand,
    doctor: doctorCommand,
    completions: completionsCommand,
    help: helpCommand,
    __complete: completeCommand,
  },
  docs: {
    hideRoute: { __complete: true },
    brief: "execve for virtual machines: run a command, or a pipeline of them, on any computer",
    fullDescription: [
      "A computer is this machine, a container, a virtual machine or another host; a command has the",
      "interface of a local process on each: argv, stdin, stdout, stderr, signals, exit status.",
    ].join("\n"),
  },
});

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

/** All of the command line. */
export const application: Application<CliContext> = {
  ...built,
  integrations: { ...(version && { version }), help: helpFlag },
};

/** The command line as stricli takes it. @throws {UsageError} if a value stands where there is none. */
function wordsOf(args: readonly string[]): readonly string[] {
  return endOptions(root, splitEmptyValues(root, args));
}

/** Does what a command line says; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const context = ownContext(() => root);
  try {
    // A chain has a language of its own, in which nothing is an option but --stdout and a lone --help.
    if (args[0] === "chain" && args[1] !== "--help" && args[1] !== "-h") {
      const { runChainArguments } = await import("./commands/chain.ts");
      return await runChainArguments(args.slice(1));
    }
    if (args[0] === "far") { // nobody types it: it is what another execvm starts over here
      const { runRemote } = await import("./commands/remote.ts");
      return await runRemote(args.slice(1));
    }
    await run(application, args.length === 0 ? ["--help"] : wordsOf(args), context);
  } catch (error) {
    return report(error);
  }
  const code = Number(context.process.exitCode ?? 0);
  return code < 0 ? USAGE : code; // stricli has negative codes for what it cannot parse
}
