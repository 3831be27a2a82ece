// Starting a program of this host with given descriptors, and having it end with us.

import { killTree } from "../../host/process_tree.ts";
import { startWithUs } from "../../host/watchdog.ts";
import { ownEnvironment } from "../../libc/environment.ts";
import { withProgram } from "../../libc/program.ts";
import type { SignalName } from "../../libc/signals.ts";
import { type Child, sendSignal, spawn, type SpawnRequest } from "../../libc/spawn.ts";
import type { Running } from "../contract/runner.ts";

/** A process to start. */
export interface HostProcess {
  /** The kind of the runner, for its errors. */
  readonly runner: string;
  readonly argv: readonly string[];
  /** Variables on top of our own. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /**
   * Give it a terminal of its own in place of `stdio`, which is then copied to and from it; a raw one if
   * it hands on what is typed to a terminal elsewhere.
   */
  readonly terminal?: boolean | "raw";
}

/** Starts the program that the argv of `process` names, with its environment. */
export function spawnProgram(
  process: HostProcess,
  how: Omit<SpawnRequest, "path" | "argv" | "environment" | "cwd">,
): Child {
  const environment = { ...ownEnvironment(), ...process.env };
  const where = { path: environment["PATH"], cwd: process.cwd };
  return withProgram(process.argv, where, (path, argv) =>
    spawn({
      ...how,
      path,
      argv,
      environment: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      cwd: process.cwd,
    }));
}

/** As {@linkcode spawnProgram}, of a child that is killed if we die before it is disposed. */
export function spawnWatched(
  process: HostProcess,
  how: Parameters<typeof spawnProgram>[1],
): Running {
  const leads = how.leads === "group" || how.leads === "session";
  const { started: child, cleanup } = startWithUs(
    () => spawnProgram(process, how),
    ({ pid }) => leads ? { group: pid } : { process: pid },
  );
  return {
    exited: child.exited,
    kill(signal: SignalName) {
      if (leads) sendSignal(-child.pid, signal);
      else killTree(child.pid, signal as Deno.Signal);
    },
    async [Symbol.asyncDispose]() {
      cleanup[Symbol.dispose]();
      child[Symbol.dispose]();
      await undefined;
    },
  };
}
