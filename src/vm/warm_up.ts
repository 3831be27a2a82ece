// Warms a machine up by running commands before it is used: first runs are the slowest, as code and
// memory are new to the emulator, and in a clone to the host.

import type { Attached } from "../machine/protocol.ts";
import { hostname } from "./hostname.ts";
import type { WarmCommand } from "./template_key.ts";
import type { GuestStdio, VirtualMachine } from "./virtual_machine.ts";

/** It writes output, as most commands do; a user's root may lack it, which does not matter. */
const COMMAND = ["echo"];

/** How long a command may take until it waits, in milliseconds: it may have much to load. */
const WAIT_MS = 300_000;

/** The number of runs after which further ones do not get faster. */
const RUNS = 4;

/** Options of {@linkcode warmUp}. */
export interface WarmUpOptions {
  /** What is attached, if the guest has not been told yet. */
  readonly attached?: Attached | undefined;
  /** Commands to run in addition to `echo`, equally often. */
  readonly commands?: readonly WarmCommand[];
}

/** Runs commands several times. @throws {MachineError} if the machine fails. */
export async function warmUp(
  machine: VirtualMachine,
  { attached, commands = [] }: WarmUpOptions = {},
): Promise<void> {
  for (let run = 0; run < RUNS; run++) {
    for (const command of commands) await runWarm(machine, command);
    const request = { commands: [COMMAND], env: {}, hostname: hostname() };
    const first = run === 0 && attached !== undefined ? { attached } : {};
    await machine.run({ ...request, ...first }, nowhere());
  }
  for (const command of commands) await leaveWaiting(machine, command);
}

async function runWarm(machine: VirtualMachine, command: WarmCommand): Promise<void> {
  const { argv, env, user, payload } = command;
  await leaveWaiting(machine, command);
  putFiles(machine, command);
  const told = payload === undefined ? {} : { payload };
  const who = user === undefined ? {} : { user };
  const request = { commands: [argv], env, cwd: "/", hostname: hostname(), ...who };
  await machine.run({ ...request, ...told }, nowhere());
}

/** Starts the command and leaves it waiting, if it is one with a payload. */
async function leaveWaiting(machine: VirtualMachine, command: WarmCommand): Promise<void> {
  const { argv, env, user, payload } = command;
  if (payload === undefined) return;
  putFiles(machine, command);
  await machine.wait({ argv, env, ...(user !== undefined && { user }) }, WAIT_MS);
}

function putFiles(machine: VirtualMachine, { files, user }: WarmCommand): void {
  for (const { path, text } of files) {
    machine.put({ path, mode: 0o755, content: new TextEncoder().encode(text) }, { user });
  }
}

function nowhere(): GuestStdio {
  const output = { write: () => Promise.resolve(true), gone: new Promise<void>(() => {}) };
  return { stdin: new Blob().stream(), stdout: output, stderr: output };
}
