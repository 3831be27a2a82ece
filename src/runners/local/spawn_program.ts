// Starting a program of this host with given descriptors, and having it end with us.

import { killTree } from "../../host/process_tree.ts";
import { startWithUs } from "../../host/watchdog.ts";
import { ownEnvironment } from "../../libc/environment.ts";
import { withProgram } from "../../libc/program.ts";
import type { SignalName } from "../../libc/signals.ts";
import {
  type Child,
  sendSignal,
  spawn,
  type SpawnRequest,
  suspendSession,
} from "../../libc/spawn.ts";
import type { Recipient, Running } from "../contract/runner.ts";

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
  /** Keep ^C and ^\ of our terminal from it: somebody else hands them on. */
  readonly isDeaf?: boolean;
}

/** What a terminal sends that is to end what runs. */
const TYPED: readonly SignalName[] = ["SIGINT", "SIGQUIT"];

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
      blocked: process.isDeaf === true ? TYPED : undefined,
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
    hearsTerminal: !leads,
    kill(signal: SignalName, to: Recipient = "all") {
      if (to === "command") sendSignal(child.pid, signal);
      else if (how.leads === "session" && signal === "SIGTSTP") suspendSession(child.pid);
      else if (leads) sendSignal(-child.pid, signal);
      else killTree(child.pid, signal as Deno.Signal);
    },
    async [Symbol.asyncDispose]() {
      cleanup[Symbol.dispose]();
      child[Symbol.dispose]();
      await undefined;
    },
  };
}
