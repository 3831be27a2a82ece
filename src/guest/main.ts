// The first process of a guest: prepares the machine, runs what it is told to, switches off.

import { bringUp, powerOff } from "../libc/system.ts";
import { commandsOf } from "./kernel_command_line.ts";
import { runOnConsole, say } from "./console_run.ts";
import { loadModules } from "./modules.ts";
import { mountAll } from "./mounts.ts";
import { openPorts } from "./ports.ts";
import { startReaper } from "./reaper.ts";
import { Session } from "./session.ts";

/** What it is doing, for the message if it cannot go on. */
let phase = "mount";

try {
  await main();
} catch (error) {
  say(
    `execvm: the guest cannot go on (${phase}): ${error instanceof Error ? error.message : error}`,
  );
}
powerOff();

async function main(): Promise<void> {
  mountAll();
  phase = "modules";
  loadModules();
  phase = "network";
  bringUp("lo");
  phase = "commands";
  const commands = Deno.args.length > 0
    ? [Deno.args]
    : commandsOf(Deno.readTextFileSync("/proc/cmdline"));
  startReaper();
  phase = "ports";
  const ports = openPorts();
  phase = "run";
  if (ports !== undefined) return await new Session(ports, commands).serve();
  if (commands.length === 0) throw new Error("there is no command and no host to ask for one");
  await runOnConsole(commands);
}
