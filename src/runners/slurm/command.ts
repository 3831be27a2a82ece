// One command on a node of a Slurm cluster. Its process here is srun.

import type { Stdio } from "../../io/ends.ts";
import { isFatal, type SignalName } from "../../libc/signals.ts";
import { RunnerError } from "../../model/errors.ts";
import { hasTerminal } from "../contract/has_terminal.ts";
import { RelayedStderr } from "../contract/relayed_stderr.ts";
import { RelayedStdout } from "../contract/relayed_stdout.ts";
import type { CommandEnd, OnPhase, Running } from "../contract/runner.ts";
import { fromShellStatus } from "../contract/shell_status.ts";
import { VerdictRelay } from "../contract/verdict_relay.ts";
import { readLink } from "../contract/chain_note.ts";
import { lastLine } from "../remote/shell.ts";
import { hearVerdict, retell } from "../remote/verdict.ts";
import { startTool } from "../local/host_process.ts";
import { cancelJobs, hasJobs, signalStep } from "./cluster.ts";
import { UNREAD } from "./remote_program.ts";
import { JobFiles } from "./job_files.ts";
import { localWrapperArgv } from "./local_wrapper.ts";
import { pause } from "./pause.ts";
import { QueueWatch } from "./queue.ts";
import { StepWatch } from "./step_watch.ts";
import { OWN_WORDS } from "./stepd_words.ts";
import { interpretExit } from "./verdict.ts";

/** The command to run. */
export interface SrunRequest {
  /** The argv of srun. */
  readonly argv: readonly string[];
  /** The name of the job, if it makes one: used for no other. */
  readonly name: string;
  /** Whether the command has a terminal. */
  readonly tty: boolean;
  readonly onPhase: OnPhase | undefined;
  /** Milliseconds that it may wait in the queue. @default without end */
  readonly queueMs?: number;
  /** The execvm that runs the command, if one does, and what it says first in its verdict. */
  readonly remote?: { readonly execvm: readonly string[]; readonly token: string };
  /** What a chain on the node says first where it tells which of its commands runs. */
  readonly chainToken?: string;
}

/** Milliseconds until the node is told again that nobody reads; they double, and how often it is told. */
const UNREAD_MS = 200;
const UNREAD_TIMES = 7;

/** Milliseconds that srun, and what reads its output, have to end once its step was killed. */
const KILL_MS = 500;

/** Milliseconds that a reader may take for one piece of the output of a command that was told to end. */
const STUCK_MS = 2000;

/** How often, and how many milliseconds apart, a job is cancelled that may still be in the making. */
const CANCELS = 5;
const CANCEL_MS = 200;

/**
 * Starts srun. It takes over the ends of `stdio`. Without a terminal, stdout and stderr are relayed: on
 * stderr slurmstepd has words of its own, and srun 26.05 kills its step when it writes to what nobody reads,
 * while older ones go on.
 *
 * @throws {RunnerError} if srun cannot be started.
 */
export async function startBySrun(request: SrunRequest, stdio: Stdio): Promise<Running> {
  const { argv, name, tty } = request;
  const files = new JobFiles(name);
  const unread = Promise.withResolvers<void>();
  const token = request.remote?.token ?? request.chainToken;
  const relay = token === undefined ? undefined : new VerdictRelay(stdio.stderr, token);
  const stderr = tty ? undefined : new RelayedStderr(relay?.end ?? stdio.stderr, OWN_WORDS, "take");
  const stdout = tty ? undefined : new RelayedStdout(stdio.stdout, unread.resolve);
  const terminal = tty && !hasTerminal(stdio) ? "raw" : false; // srun lends one that is there by itself
  const near = {
    runner: "slurm",
    argv: localWrapperArgv(files.log, argv),
    env: {},
    cwd: undefined,
    terminal,
  };
  const ends = {
    stdin: stdio.stdin,
    stdout: stdout?.end ?? stdio.stdout,
    stderr: stderr?.end ?? stdio.stderr,
  };
  try {
    const srun = await startTool(near as Parameters<typeof startTool>[0], ends);
    const { promise } = unread;
    return new SrunCommand(request, { srun, files, stdout, stderr, relay, unread: promise });
  } catch (error) {
    await stdout?.finish();
    await stderr?.close("drop");
    await relay?.done;
    files[Symbol.dispose]();
    throw error;
  }
}

/** What a running command has on this machine. */
interface Local {
  readonly srun: Running;
  readonly files: JobFiles;
  readonly stdout: RelayedStdout | undefined;
  readonly stderr: RelayedStderr | undefined;
  /** What stderr goes through if there is a verdict to come. */
  readonly relay: VerdictRelay | undefined;
  /** Resolves once nobody reads its output. */
  readonly unread: Promise<void>;
}

class SrunCommand implements Running {
  readonly exited: Promise<CommandEnd>;
  readonly #request: SrunRequest;
  readonly #local: Local;
  readonly #watch: StepWatch;
  /** Resolves once the cluster has taken all that was sent to it: one after the other. */
  #orders: Promise<unknown> = Promise.resolve();
  /** The last signal from us that was to end the command. */
  #fatal: SignalName | undefined;
  /** Why it does not wait any longer. */
  #givenUp: string | undefined;
  #killing: ReturnType<typeof setTimeout> | undefined;
  #dropping: ReturnType<typeof setTimeout> | undefined;
  /** Whether srun has ended, and whether all that it has written has found its way. */
  #isOver = false;
  #isPassedOn = false;

  constructor(request: SrunRequest, local: Local) {
    this.#request = request;
    this.#local = local;
    const queue = new QueueWatch(request.onPhase ?? (() => {}), request.queueMs ?? Infinity);
    this.#watch = new StepWatch(() => local.files.read(), queue, (why) => this.#giveUp(why));
    this.exited = this.#run();
    local.unread.then(() => this.#endRelay());
  }

  kill(given: SignalName): void | Promise<void> {
    if (given === "SIGWINCH") return; // srun tells of sizes, and the program on the node means another thing by it
    const signal = given === "SIGTSTP" ? "SIGSTOP" : given; // it stops nothing whose leader leads a session
    const isTerm = signal === "SIGTERM" || signal === "SIGKILL";
    if (isTerm && !this.#isPassedOn) this.#limitOutput(signal);
    if (this.#isOver) return;
    if (isFatal(signal)) this.#fatal = signal;
    const { step } = this.#watch.facts;
    if (step !== undefined) this.#order(() => signalStep(step, signal));
    else if (isFatal(signal)) this.#end(signal === "SIGKILL" ? "SIGKILL" : "SIGTERM");
    if (signal !== "SIGKILL") return this.#orders.then(() => {});
    this.#killing ??= setTimeout(() => this.#local.srun.kill("SIGKILL"), KILL_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exited.catch(() => {});
    await this.#orders;
    await this.#local.srun[Symbol.asyncDispose]();
    this.#local.files[Symbol.dispose]();
  }

  async #run(): Promise<CommandEnd> {
    const { srun, stdout, stderr, relay } = this.#local;
    const srunStatus = await srun.exited;
    this.#isOver = true;
    clearTimeout(this.#killing);
    const facts = await this.#watch.end();
    await stdout?.finish();
    await stderr?.finish();
    const words = stderr?.tail ?? "";
    const end = { status: srunStatus, facts, words, fatal: this.#fatal };
    const failure = this.#givenUp ?? lostOutput(stdout);
    const verdict = failure === undefined ? interpretExit(end) : { failure };
    // Who was killed has not given back what the step ran in, even if it has told how that ended.
    const left = facts.taskStatus === undefined || srunStatus.signal !== undefined;
    if (left) await this.#cancel(facts.step);
    await stderr?.close("exitCode" in verdict && this.#fatal === undefined ? "show" : "drop");
    await relay?.done;
    this.#isPassedOn = true;
    clearTimeout(this.#dropping);
    if ("failure" in verdict) throw this.#failure(verdict.failure, words);
    const { remote } = this.#request;
    if ("exitCode" in verdict && remote !== undefined) {
      return this.#hear(verdict.exitCode, words, remote);
    }
    const status = "signal" in verdict ? verdict : fromShellStatus(verdict.exitCode);
    return { ...status, ...readLink(relay?.heard) };
  }

  /** What the execvm on the node tells; of a success it says nothing. */
  #hear(
    exitCode: number,
    words: string,
    { execvm, token }: { readonly execvm: readonly string[]; readonly token: string },
  ): CommandEnd {
    if (exitCode === 0) return { code: 0 };
    const { verdict, rest } = hearVerdict(words, token);
    if (verdict !== undefined && !("failure" in verdict)) return verdict;
    if (verdict !== undefined) {
      const { phase, consoleTail } = verdict.failure;
      const message = retell(verdict.failure, execvm);
      throw this.#failure(`execvm there says: ${message}`, `${rest}${consoleTail}`, phase);
    }
    if (this.#fatal !== undefined) return { signal: this.#fatal };
    const last = lastLine(rest) ?? "nothing";
    throw this.#failure(`execvm there ended with code ${exitCode}, and last said ${last}`, rest);
  }

  /** Ends a command that has not been launched yet. */
  #end(signal: "SIGKILL" | "SIGTERM"): void {
    this.#local.srun.kill(signal);
    this.#order(() => cancelJobs(this.#request.name));
  }

  /** Ends one that is not to wait any longer. */
  #giveUp(why: string): void {
    if (this.#isOver) return;
    this.#givenUp = why;
    this.#end("SIGTERM");
  }

  /**
   * Has a command that is to end not wait for a reader that does not read. What it still writes as it ends by
   * itself is not cut off: its output is dropped once it is killed.
   */
  #limitOutput(signal: SignalName): void {
    const { stdout, stderr, relay } = this.#local;
    stdout?.dropWhenStuck(STUCK_MS);
    if (signal !== "SIGKILL") return;
    this.#dropping ??= setTimeout(() => {
      stdout?.drop();
      stderr?.drop();
      relay?.drop();
    }, KILL_MS);
  }

  /** Sees to it that no job is left, as srun did not end with its command. */
  async #cancel(step: string | undefined): Promise<void> {
    if (step !== undefined) await signalStep(step, "SIGKILL");
    for (let cancels = 0; cancels < CANCELS; cancels++) {
      await cancelJobs(this.#request.name);
      if (await hasJobs(this.#request.name) === false) return;
      await pause(CANCEL_MS, new Promise(() => {}));
    }
  }

  /** Has the command get its SIGPIPE. The relay may be just about to start, so it is told repeatedly. */
  async #endRelay(): Promise<void> {
    const step = await this.#watch.launched;
    if (step === undefined) return;
    for (let times = 0, ms = UNREAD_MS; times < UNREAD_TIMES && !this.#isOver; times++, ms *= 2) {
      this.#order(() => signalStep(step, UNREAD));
      await pause(ms, this.exited.catch(() => {}));
    }
  }

  #order(order: () => Promise<unknown>): void {
    this.#orders = this.#orders.then(order);
  }

  #failure(fact: string, words: string, phase = "run"): RunnerError {
    return new RunnerError(`Cannot run on Slurm as ${fact}`, {
      runner: "slurm",
      phase,
      argv: this.#request.argv,
      consoleTail: `${this.#local.files.read()}${words}`,
    });
  }
}

function lostOutput(stdout: RelayedStdout | undefined): string | undefined {
  const failure = stdout?.failure;
  return failure === undefined ? undefined : `its output cannot be written: ${failure}`;
}
