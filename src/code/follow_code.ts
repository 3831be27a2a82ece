// Follows running code: its time limit, and how it ends, also if its machine ends first.

import { MachineError } from "../machine/machine_error.ts";
import type { Owner } from "../machine/protocol.ts";
import type { GuestExit } from "../vm/follow_run.ts";
import type { ReadyMachine } from "../vm/get_machine.ts";
import { hostname } from "../vm/hostname.ts";
import type { Output } from "../vm/output_copy.ts";
import type { VirtualMachine } from "../vm/virtual_machine.ts";
import { WORKSPACE } from "../workspace/workspace_layout.ts";
import type { CodeResult } from "../model/code_result.ts";
import type { Program } from "./program.ts";
import { CODE_DEFAULTS, type RunCodeOptions } from "./run_options.ts";

/** How long a guest may flush what the code wrote to its disk, once the time limit is reached. */
const GRACE_MS = 1500;

/** What the guest's kernel prints when it runs out of memory (mm/oom_kill.c). */
const OUT_OF_MEMORY = /Out of memory: Killed process|deadlocked on memory/;

/** The streams of code. */
export interface CodeStreams {
  /** Opens the input, which is read to its end or cancelled. Called once. */
  readonly stdin: () => ReadableStream<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** The command to run, and its streams. */
export interface CodeRun {
  readonly program: Program;
  readonly options: RunCodeOptions;
  readonly streams: CodeStreams;
  /** Ends the code at once. */
  readonly signal: AbortSignal;
  /** Called once the code runs, with what runs it. */
  readonly onStart: (owner: Owner) => void;
}

/** How the code ended, and its machine. */
export type CodeStatus = Pick<
  CodeResult,
  "exitStatus" | "signal" | "timedOut" | "oomKilled" | "failure" | "durationMs"
>;

/**
 * Runs code until it ends or reaches its time limit.
 *
 * @throws {MachineError} if the machine fails before the code has been started.
 * @throws {unknown} the reason of `signal`, if that is aborted.
 */
export async function followCode(
  { machine, isWaiting = false }: ReadyMachine,
  run: CodeRun,
): Promise<CodeStatus> {
  const startMs = performance.now();
  const { program: { argv, env, payload }, options, streams, signal, onStart } = run;
  const told = {
    ...(isWaiting && { payload }),
    ...(options.user !== undefined && { user: options.user }),
  };
  const request = { commands: [argv], env, cwd: WORKSPACE, hostname: hostname(), ...told };
  const stdio = { ...streams, stdin: streams.stdin() };
  using time = limitTime(machine, options.timeoutMs ?? CODE_DEFAULTS.timeoutMs);
  const kill = () => machine.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  try {
    const end = await machine.run(request, stdio, onStart).catch((error) =>
      failureOf(machine, error)
    );
    signal.throwIfAborted();
    const timedOut = time.isOver;
    return { ...describe(end, machine), timedOut, durationMs: performance.now() - startMs };
  } finally {
    signal.removeEventListener("abort", kill);
    await stdio.stdin.cancel().catch(() => {}); // it may have ended, by itself or with the machine
  }
}

/** Returns why a machine has ended. */
interface Failure {
  readonly failure: string;
}

function failureOf(machine: VirtualMachine, error: unknown): Failure {
  if (!(error instanceof MachineError) || !machine.hasStarted) throw error;
  return { failure: error.message.split("\n")[0]!.replace(/:$/, "") };
}

function describe(
  end: GuestExit | Failure,
  { consoleTail, isOomKilled }: VirtualMachine,
): Omit<CodeStatus, "timedOut" | "durationMs"> {
  const hasNone = OUT_OF_MEMORY.test(consoleTail);
  if ("failure" in end) {
    return {
      exitStatus: null,
      signal: null,
      oomKilled: hasNone || isOomKilled,
      failure: end.failure,
    };
  }
  const { code = null, signal = null, oomKills = 0 } = end;
  return { exitStatus: code, signal, oomKilled: hasNone || oomKills > 0, failure: null };
}

/** Ends the code when its time limit is reached, and its machine if that does not help. */
function limitTime(
  machine: VirtualMachine,
  limitMs: number,
): { readonly isOver: boolean } & Disposable {
  let isOver = false;
  let timer = setTimeout(() => {
    isOver = true;
    machine.end();
    timer = setTimeout(() => machine.kill("SIGKILL"), GRACE_MS);
  }, limitMs);
  return {
    get isOver() {
      return isOver;
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
