// The first process of a guest: prepares the machine, runs what it is told to, switches off.

import { takeApart } from "../chain/chain_words.ts";
import { bringUp } from "../libc/system.ts";
import { readMachineWords } from "../vm/protocol_words.ts";
import { runOnConsole, say } from "./console_run.ts";
import { nameDisks } from "./disks.ts";
import { commandsOf } from "./kernel_command_line.ts";
import { loadModules } from "./modules.ts";
import { mountAll } from "./mounts.ts";
import { bringUpNetwork, nameResolver } from "./network.ts";
import { openPorts } from "./ports.ts";
import { startReaper } from "./reaper.ts";
import { prepareRelays } from "./relay.ts";
import { enterRoot } from "./root.ts";
import { Session } from "./session.ts";
import { shutDown } from "./shut_down.ts";

/** What it is doing, for the message if it cannot go on. */
let phase = "mount";

try {
  await main();
} catch (error) {
  say(
    `execvm: the guest cannot go on (${phase}): ${error instanceof Error ? error.message : error}`,
  );
}
await shutDown();

async function main(): Promise<void> {
  mountAll();
  phase = "modules";
  loadModules();
  const commandLine = Deno.readTextFileSync("/proc/cmdline");
  const { devices, root, network } = readMachineWords(commandLine);
  phase = "network";
  bringUp("lo");
  if (network === "user") bringUpNetwork();
  phase = "devices";
  await nameDisks(devices);
  phase = "root";
  prepareRelays();
  if (root !== undefined) enterRoot(root);
  if (network === "user") nameResolver();
  phase = "commands";
  const asked = Deno.args.length > 0 ? [Deno.args] : commandsOf(commandLine);
  const commands = asked.flatMap((argv) => takeApart(argv));
  startReaper();
  phase = "ports";
  const ports = openPorts();
  phase = "run";
  if (ports !== undefined) return await new Session(ports, commands).serve();
  if (commands.length === 0) throw new Error("there is no command and no host to ask for one");
  await runOnConsole(commands);
}
