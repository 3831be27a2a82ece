// The subcommands; the module with the options of a subcommand is loaded only when it is called.

import { buildRouteMap, type RouteMap } from "npm:@stricli/core@1.3.0";
import type { Target } from "./flags/routes.ts";
import type { CliContext } from "./frame/context.ts";

/** All subcommands, in the order in which help lists them. */
const SUBCOMMANDS: Readonly<Record<string, () => Promise<Target>>> = {
  run: async () => (await import("./commands/run_command.ts")).runCommand,
  pipe: async () => (await import("./commands/pipe_command.ts")).pipeCommand,
  plan: async () => (await import("./commands/plan_command.ts")).planCommand,
  chain: async () => (await import("./commands/chain_command.ts")).chainCommand,
  code: async () => (await import("./commands/code_command.ts")).codeCommand,
  image: async () => (await import("./commands/image_command.ts")).imageCommand,
  kernel: async () => (await import("./commands/kernel_command.ts")).kernelCommand,
  initrd: async () => (await import("./commands/initrd_command.ts")).initrdCommand,
  template: async () => (await import("./commands/template_command.ts")).templateCommand,
  mcp: async () => (await import("./commands/mcp_command.ts")).mcpCommand,
  doctor: async () => (await import("./commands/doctor_command.ts")).doctorCommand,
  completions: async () => (await import("./commands/completions_command.ts")).completionsCommand,
  help: async () => (await import("./commands/help_command.ts")).helpCommand,
  __complete: async () => (await import("./commands/completions_command.ts")).completeCommand,
};

/** Subcommands that need the options of all others. */
const LOOKS_AT_ALL = ["help", "__complete"] as const;

/** Options in place of a subcommand that need no subcommand at all. */
const LOOKS_AT_NONE = ["--version", "-v"] as const;

/**
 * The subcommands to load for a command line: the one it names, or all if it needs them or names
 * none.
 */
function namesFor([first = ""]: readonly string[]): readonly string[] {
  if (LOOKS_AT_NONE.some((option) => option === first)) return ["help"]; // a map must not be empty
  const isAlone = Object.hasOwn(SUBCOMMANDS, first) && !LOOKS_AT_ALL.some((name) => name === first);
  return isAlone ? [first] : Object.keys(SUBCOMMANDS);
}

/** Loads the subcommands that a command line needs. */
export async function loadRoot(args: readonly string[]): Promise<RouteMap<CliContext>> {
  const load = async (name: string) => [name, await SUBCOMMANDS[name]!()] as const;
  const routes = Object.fromEntries(await Promise.all(namesFor(args).map(load)));
  return buildRouteMap({
    routes,
    docs: {
      ...("__complete" in routes && { hideRoute: { __complete: true } }),
      brief: "execve for virtual machines: run a command, or a pipeline of commands, anywhere",
      fullDescription: [
        "Commands run on this machine, in a container, in a virtual machine, on another host or on a node",
        "of a cluster, always with the interface of a local process: argv, stdin, stdout, stderr, signals,",
        "exit status.",
      ].join("\n"),
    },
  });
}
