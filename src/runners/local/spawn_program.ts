// Starts a program on this host with given descriptors, optionally so that it ends with this
// process.

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
  /** The kind of the runner, for errors. */
  readonly runner: string;
  readonly argv: readonly string[];
  /** Variables that are added to ours. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /**
   * Whether it gets its own terminal, which is copied to and from `stdio`. `raw` is for a tool that
   * passes on keys to a terminal elsewhere.
   */
  readonly terminal?: boolean | "raw";
  /** Block ^C and ^\ of our terminal for it, because they are passed on another way. */
  readonly isDeaf?: boolean;
}

/** The signals by which a terminal ends what runs. */
const TYPED: readonly SignalName[] = ["SIGINT", "SIGQUIT"];

/**
 * Starts the program of `process`. The caller owns the child and the descriptors.
 *
 * @throws {ProgramError} if it is missing or not executable.
 */
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

/**
 * Like {@linkcode spawnProgram}; the child is killed if this process dies before the result is
 * disposed.
 */
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
