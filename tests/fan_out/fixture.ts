// Local runners that count their commands, and runners whose machinery fails.

import { cmd, type Command, local, type Runner, RunnerError } from "../../mod.ts";
import { abandon } from "../../src/io/edges.ts";
import { makeRunner } from "../../src/runners/contract/runner.ts";

/** A script of sh as a command; `$1` and so on are `args`. */
export function sh(script: string, ...args: readonly string[]): Command {
  return cmd("sh", "-c", script, "sh", ...args);
}

/** A local runner that counts its running commands. */
export interface CountingRunner {
  readonly runner: Runner;
  /** The maximum that ran at once so far. */
  readonly most: () => number;
}

/** Makes a {@linkcode CountingRunner}. */
export function countingRunner(): CountingRunner {
  const base = local();
  let [now, most] = [0, 0];
  const runner = makeRunner({
    kind: "local",
    argv: base.argv,
    async start(command, stdio) {
      most = Math.max(most, ++now);
      const running = await base.start(command, stdio);
      running.exited.finally(() => now--).catch(() => {});
      return running;
    },
  });
  return { runner, most: () => most };
}

/** A local runner that fails for the first starts of a command, as many as its `FAILURES`. */
export function failingRunner(): Runner {
  const base = local();
  const starts = new Map<string, number>();
  return makeRunner({
    kind: "failing",
    argv: base.argv,
    async start(command, stdio) {
      const key = JSON.stringify(command);
      const count = (starts.get(key) ?? 0) + 1;
      starts.set(key, count);
      if (count > Number(command.env["FAILURES"] ?? 0)) return await base.start(command, stdio);
      for (const end of [stdio.stdin, stdio.stdout, stdio.stderr]) await abandon(end);
      throw new RunnerError(`cannot start attempt ${count}`, { runner: "failing", phase: "start" });
    },
  });
}
