// A guest without a host: it runs its commands on the console, says how they ended, and is done.

import { Fd } from "../libc/fd.ts";
import { ProgramError } from "../libc/program.ts";
import type { ExitStatus } from "../libc/spawn.ts";
import { CommandRun } from "./command.ts";

/** Runs commands with the console as their stdio, and prints their status as the last line. */
export async function runOnConsole(commands: readonly (readonly string[])[]): Promise<void> {
  const status = await run(commands);
  const end = status.signal === undefined ? `exit ${status.code}` : `died of ${status.signal}`;
  say(`execvm: ${end}`);
}

async function run(commands: readonly (readonly string[])[]): Promise<ExitStatus> {
  const [stdin, stdout, stderr] = [Fd.borrow(0), Fd.borrow(1), Fd.borrow(2)];
  try {
    const request = { commands, env: {}, cwd: "/", stdin, stdout, stderr };
    return await new CommandRun().run(request);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    say(`execvm: ${error.message}`);
    return { code: error.code };
  }
}

/** Prints a line on the console. */
export function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
