// Starts processes where FFI is not available: their stdio are streams that pass through this
// process.

import { kill } from "../../host/process_tree.ts";
import { writeStderr } from "../../host/stderr_tail.ts";
import { startCommandWithUs } from "../../host/watchdog.ts";
import { readUntil } from "../../io/edges.ts";
import type { InputEnd, OutputEnd, Stdio } from "../../io/ends.ts";
import { errnoOf } from "../../libc/errno.ts";
import { Fd } from "../../libc/fd.ts";
import { toProgramError } from "../../libc/program.ts";
import type { SignalName } from "../../libc/signals.ts";
import type { ChainStdout } from "../../model/nodes.ts";
import { asText } from "../contract/as_text.ts";
import type { ExitStatus, Running } from "../contract/runner.ts";
import type { HostProcess } from "./spawn_program.ts";

/**
 * Starts a process with `Deno.Command`, as the leader of a new process group.
 *
 * @throws {ProgramError} if the program is missing or not executable.
 */
export async function startPortable(process: HostProcess, stdio: Stdio): Promise<Running> {
  const { argv, env, cwd } = asText(process);
  const options = {
    ...(cwd !== undefined && { cwd }),
    stdin: mode(stdio.stdin),
    stdout: mode(stdio.stdout),
    stderr: mode(stdio.stderr),
    detached: true,
  };
  const { started: child, cleanup } = await startCommandWithUs(
    (variables) => spawnCommand(argv, { ...options, env: { ...env, ...variables } }),
    ({ pid }) => ({ group: pid }),
  );
  const copies = Promise.allSettled([
    feed(stdio.stdin, child),
    drain(stdio.stdout, () => child.stdout),
    drain(stdio.stderr, () => child.stderr),
  ]);
  return {
    exited: child.status.then(toExitStatus),
    kill: (signal, to = "all") =>
      void kill(to === "command" ? child.pid : -child.pid, signal as Deno.Signal),
    async [Symbol.asyncDispose]() {
      cleanup[Symbol.dispose]();
      await copies;
    },
  };
}

/**
 * Runs a process to its end, with our own stdio and in our process group.
 *
 * @param stdout where its stdout goes: to ours, to our stderr, or nowhere
 * @param onStart called with its pid
 * @throws {ProgramError} if the program is missing or not executable.
 */
export async function spawnInherited(
  argv: readonly string[],
  stdout: ChainStdout,
  onStart: (pid: number) => void,
): Promise<ExitStatus> {
  const text = asText({ argv, env: {}, cwd: undefined });
  const place = ({ pass: "inherit", stderr: "piped", discard: "null" } as const)[stdout];
  const stdio = { stdin: "inherit", stdout: place, stderr: "inherit" } as const;
  const { started: child, cleanup } = await startCommandWithUs(
    (env) => spawnCommand(text.argv, { ...stdio, env }),
    ({ pid }) => ({ process: pid }),
  );
  using _cleanup = cleanup;
  onStart(child.pid);
  // Processes that it left behind may hold its stdout open.
  const ended = child.status.then(() => {});
  if (place === "piped") await copyToStderr(readUntil(child.stdout, ended));
  return toExitStatus(await child.status);
}

async function copyToStderr(output: ReadableStream<Uint8Array>): Promise<void> {
  for await (const chunk of output) await writeStderr(chunk);
}

function spawnCommand(
  [program = "", ...args]: readonly string[],
  options: Omit<Deno.CommandOptions, "args">,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, { args, ...options }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw toProgramError(program, undefined);
    if (error instanceof Deno.errors.PermissionDenied || isExecFormatError(error)) {
      throw toProgramError(program, error as Error);
    }
    throw error;
  }
}

function isExecFormatError(error: unknown): boolean {
  const numbers = ["ENOEXEC", "E2BIG"] as const;
  return error instanceof Error &&
    numbers.some((name) => error.message.includes(`os error ${errnoOf(name)})`));
}

function mode(end: InputEnd | OutputEnd): "inherit" | "piped" {
  return end === "inherit" ? "inherit" : "piped";
}

async function feed(end: InputEnd, child: Deno.ChildProcess): Promise<void> {
  if (end === "inherit" || end instanceof Fd) return;
  const ended = new AbortController();
  child.status.then(() => ended.abort());
  // A command that closes its stdin early is not a failure of the stage before it.
  await end.pipeTo(child.stdin, { signal: ended.signal }).catch(() => {});
}

async function drain(
  end: OutputEnd,
  output: () => ReadableStream<Uint8Array>,
): Promise<void> {
  if (end === "inherit" || end instanceof Fd) return;
  // If the next stage stops reading, cancelling the pipe gives the command its SIGPIPE.
  await output().pipeTo(end).catch(() => {});
}

function toExitStatus(status: Deno.CommandStatus): ExitStatus {
  return status.signal === null ? { code: status.code } : { signal: status.signal as SignalName };
}
