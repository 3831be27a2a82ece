// The first process of a guest: prepares the machine, runs commands, powers off.

import { flattenChain } from "../chain/chain_words.ts";
import { bringUp } from "../libc/system.ts";
import { readKernelParams } from "../machine/protocol_words.ts";
import { attach } from "./attach.ts";
import { runOnConsole, say } from "./console_run.ts";
import { prepareCopiers } from "./copier.ts";
import { commandsOf } from "./kernel_command_line.ts";
import { loadModules } from "./modules.ts";
import { mountAll } from "./mounts.ts";
import { bringUpNetwork } from "./network.ts";
import { openPorts, requireNoPorts } from "./ports.ts";
import { Session } from "./session.ts";
import { shutDown } from "./shut_down.ts";

/** The current step, for the message if it fails. */
let phase = "mount";

try {
  main();
} catch (error) {
  say(`execvm: the guest cannot go on (${phase}): ${storyOf(error)}`);
}
shutDown();

/** The stack trace of a bug of ours; of other errors, only the message. */
function storyOf(error: unknown): string {
  const isOwn = [TypeError, RangeError, ReferenceError].some((type) => error instanceof type);
  return error instanceof Error ? (isOwn && error.stack || error.message) : String(error);
}

function main(): void {
  mountAll();
  phase = "modules";
  loadModules();
  const commandLine = Deno.readTextFileSync("/proc/cmdline");
  const { network, ...attached } = readKernelParams(commandLine);
  phase = "network";
  bringUp("lo");
  if (network === "user") bringUpNetwork();
  phase = "root";
  prepareCopiers();
  attach(attached);
  phase = "commands";
  const asked = Deno.args.length > 0 ? [Deno.args] : commandsOf(commandLine);
  const links = asked.flatMap((argv) => flattenChain(argv));
  const commands = links.map(({ argv }) => argv);
  const stdouts = links.map(({ stdout }) => stdout);
  phase = "ports";
  const ports = openPorts();
  if (ports === undefined) requireNoPorts();
  phase = "run";
  if (ports !== undefined) return new Session(ports, { commands, stdouts }).serve();
  if (commands.length === 0) throw new Error("there is no command and no host to ask for one");
  runOnConsole({ commands, stdouts });
}
