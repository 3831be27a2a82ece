// The application: its subcommands, each loaded when it is called.

import {
  type Application,
  buildApplication,
  buildRouteMap,
  run,
  text_en,
} from "npm:@stricli/core@1.3.0";
import { describeVersion } from "../version.ts";
import { chainCommand } from "./chain_command.ts";
import { codeCommand } from "./code_command.ts";
import { type CliContext, ownContext } from "./context.ts";
import { doctorCommand } from "./doctor_command.ts";
import { report, USAGE } from "./exit_codes.ts";
import { imageCommand } from "./image_command.ts";
import { initrdCommand } from "./initrd_command.ts";
import { kernelCommand } from "./kernel_command.ts";
import { pipeCommand } from "./pipe_command.ts";
import { planCommand } from "./plan_command.ts";
import { runCommand } from "./run_command.ts";
import { templateCommand } from "./template_command.ts";

const HINT = "see execvm --help, or --help on a subcommand";

/** All of the command line. */
export const application: Application<CliContext> = buildApplication(
  buildRouteMap({
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
      doctor: doctorCommand,
    },
    docs: {
      brief: "execve for virtual machines: run a command, or a pipeline of them, on any computer",
      fullDescription: [
        "Runs commands on whatever computer, with the interface of a local process.",
        "",
        "Exit status: the command's own; 128+n when it died of signal n; 124 its time was over;",
        "125 execvm itself failed; 126 found but not executable; 127 not found; 2 wrong usage.",
      ].join("\n"),
    },
  }),
  {
    name: "execvm",
    versionInfo: { getCurrentVersion: describeVersion },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", useAliasInUsageLine: true },
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: (args) =>
          `execvm: ${text_en.noCommandRegisteredForInput(args)}; ${HINT}`,
        exceptionWhileParsingArguments: (error, color) =>
          `execvm: ${text_en.exceptionWhileParsingArguments(error, color)}; ${HINT}`,
      },
    },
  },
);

/** Does what a command line says; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const context = ownContext();
  try {
    // A chain has a language of its own, in which nothing is an option but a lone --help.
    if (args[0] === "chain" && args[1] !== "--help" && args[1] !== "-h") {
      const { runChainArguments } = await import("./chain.ts");
      return await runChainArguments(args.slice(1));
    }
    if (args[0] === "far") { // nobody types it: it is what another execvm starts over here
      const { runFar } = await import("./far.ts");
      return await runFar(args.slice(1));
    }
    await run(application, args.length === 0 ? ["--help"] : args, context);
  } catch (error) {
    return report(error);
  }
  const code = Number(context.process.exitCode ?? 0);
  return code < 0 ? USAGE : code; // stricli has negative codes for what it cannot parse
}
