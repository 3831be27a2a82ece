// Starts processes on this host, with the ends of edges as their stdio; all runners go through
// here.

import { folderFault } from "../../host/fault.ts";
import { toolArgv } from "../../host/program_path.ts";
import { tellProgramStart } from "../../host/program_starts.ts";
import type { InputEnd, OutputEnd, Stdio } from "../../io/ends.ts";
import { Fd } from "../../libc/fd.ts";
import { isOddFolder } from "../../libc/folder.ts";
import { findLibc } from "../../libc/libc.ts";
import { ProgramError } from "../../libc/program.ts";
import { hasControllingTerminal } from "../../libc/terminal.ts";
import { hasBytes, showWord } from "../../libc/word.ts";
import { messageOf, RunnerError } from "../../model/errors.ts";
import type { Running } from "../contract/runner.ts";
import { startPortable } from "./portable_process.ts";
import { type HostProcess, spawnWatched } from "./spawn_program.ts";
import { startOnTerminal } from "./terminal_process.ts";

/**
 * Starts a command, which is killed if this process dies. Takes ownership of the ends of `stdio`.
 * If the program is missing or not executable, that is printed on its stderr, and it exits with 127
 * or 126.
 *
 * @throws {RunnerError} if `cwd` is not a folder that can be entered, or a system resource such as
 * processes is exhausted.
 */
export async function startHostProcess(process: HostProcess, stdio: Stdio): Promise<Running> {
  try {
    return await startProgram(process, stdio);
  } catch (error) {
    if (error instanceof ProgramError) return await exitAtOnce(error, stdio);
    throw await giveUp(error, process, stdio);
  }
}

/**
 * Like {@linkcode startHostProcess}, for a tool that runs the user's commands elsewhere, such as
 * ssh.
 *
 * @throws {RunnerError} under the same conditions, and if the program is missing or not executable.
 */
export async function startTool(process: HostProcess, stdio: Stdio): Promise<Running> {
  try {
    return await startProgram({ ...process, argv: toolArgv(process.argv) }, stdio);
  } catch (error) {
    throw await giveUp(error, process, stdio);
  }
}

async function startProgram(process: HostProcess, stdio: Stdio): Promise<Running> {
  await requireFolder(process.cwd);
  tellProgramStart(process.runner, process.argv);
  if (process.terminal ?? false) return startOnTerminal(process, stdio);
  return findLibc() === undefined
    ? await startPortable(process, stdio)
    : startNative(process, stdio);
}

async function giveUp(error: unknown, process: HostProcess, stdio: Stdio): Promise<RunnerError> {
  await closeAll(stdio);
  const { runner, argv } = process;
  return new RunnerError(messageOf(error), { runner, phase: "start", argv, cause: error });
}

function startNative(process: HostProcess, stdio: Stdio): Running {
  const [stdin, stdout, stderr] = [
    inputFd(stdio.stdin),
    outputFd(stdio.stdout, 1),
    outputFd(stdio.stderr, 2),
  ];
  // With a terminal it has to stay in our process group, or it could not use the terminal.
  const leads = hasControllingTerminal() ? "nothing" : "group";
  const running = spawnWatched(process, { stdin, stdout, stderr, leads });
  for (const fd of [stdin, stdout, stderr]) fd.close();
  return running;
}

/** Prints on stderr why a program cannot run, and returns a process that has exited. */
async function exitAtOnce(error: ProgramError, stdio: Stdio): Promise<Running> {
  await say(stdio.stderr, `execvm: ${error.message}\n`);
  await closeAll(stdio);
  return {
    exited: Promise.resolve({ code: error.code }),
    kill() {},
    async [Symbol.asyncDispose]() {},
  };
}

async function say(end: OutputEnd, message: string): Promise<void> {
  const bytes = new TextEncoder().encode(message);
  if (end === "inherit") return void await Deno.stderr.write(bytes);
  if (end instanceof Fd) return void findLibc()?.write(end.number, bytes, BigInt(bytes.length));
  const writer = end.getWriter();
  await writer.write(bytes);
  writer.releaseLock();
}

async function closeAll({ stdin, stdout, stderr }: Stdio): Promise<void> {
  if (stdin instanceof Fd) stdin.close();
  else if (stdin !== "inherit") await stdin.cancel();
  for (const end of [stdout, stderr]) {
    if (end instanceof Fd) end.close();
    else if (end !== "inherit") await end.close();
  }
}

function inputFd(end: InputEnd): Fd {
  if (end instanceof Fd) return end;
  if (end === "inherit") return Fd.borrow(0);
  throw new TypeError("cannot hand a stream to a process: it needs a descriptor");
}

function outputFd(end: OutputEnd, number: number): Fd {
  if (end instanceof Fd) return end;
  if (end === "inherit") return Fd.borrow(number);
  throw new TypeError("cannot hand a stream to a process: it needs a descriptor");
}

async function requireFolder(cwd: string | undefined): Promise<void> {
  if (cwd === undefined) return;
  if (hasBytes(cwd)) return requireOddFolder(cwd);
  await Deno.stat(`${cwd}/.`).catch((error) => { // `/.` needs the right to enter it
    throw new Error(`cannot run in ${JSON.stringify(cwd)}: ${folderFault(error)}`);
  });
}

/**
 * Checks a folder whose name is not UTF-8. Without FFI that is left to the shell that enters it.
 */
function requireOddFolder(cwd: string): void {
  if (findLibc() === undefined || isOddFolder(cwd)) return;
  throw new Error(`cannot run in ${showWord(cwd)}: there is no such folder`);
}
