// Runs commands on the console, for a guest that was started without execvm on the host.

import { Fd } from "../libc/fd.ts";
import type { RunMessage } from "../machine/protocol.ts";
import { CommandRun } from "./command.ts";
import { Loop } from "./loop.ts";

/** Runs commands with the console as their stdio, then prints their status as the last line. */
export function runOnConsole(given: Pick<RunMessage, "commands" | "stdouts">): void {
  const loop = new Loop();
  const [stdin, stdout, stderr] = [Fd.borrow(0), Fd.borrow(1), Fd.borrow(2)];
  new CommandRun(loop, {
    ...{ ...given, env: {}, cwd: "/", stdin, stdout, stderr },
    onEnd(status) {
      const end = status.signal === undefined ? `exit ${status.code}` : `died of ${status.signal}`;
      say(`execvm: ${end}`);
      loop.end();
    },
  });
  loop.run();
}

/** Prints a line on the console. */
export function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
