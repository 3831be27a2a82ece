// Runs one command on a node of a Slurm cluster, by a process of srun.

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
  /** The name of the job that srun creates, if it creates one; unique. */
  readonly name: string;
  /** Whether the command has a terminal. */
  readonly tty: boolean;
  readonly onPhase: OnPhase | undefined;
  /** How long it may wait in the queue, in milliseconds. @default no limit */
  readonly queueMs?: number;
  /**
   * The argv of the execvm that runs the command, if one does, and the token that marks its report.
   */
  readonly remote?: { readonly execvm: readonly string[]; readonly token: string };
  /**
   * The token of the marked lines by which a chain on the node reports which of its commands runs.
   */
  readonly chainToken?: string;
}

/**
 * How often the node is told that the output has no reader, and the first pause between, which
 * doubles.
 */
const UNREAD_MS = 200;
const UNREAD_TIMES = 7;

/** How long srun and the reader of its output have once the step was killed, in milliseconds. */
const KILL_MS = 500;

/** How long a write of output may block once the command was asked to end, in milliseconds. */
const STUCK_MS = 2000;

/**
 * How often, and how many milliseconds apart, cancelling is tried of a job that may still be
 * created.
 */
const CANCELS = 5;
const CANCEL_MS = 200;

/**
 * Starts srun. Takes ownership of the ends of `stdio`. Without a terminal, stdout and stderr are
 * relayed: slurmstepd writes its own messages to stderr, and srun 26.05 kills its step when it
 * writes to a pipe without a reader, while older versions go on.
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
  const terminal = tty && !hasTerminal(stdio) ? "raw" : false; // srun itself uses ours
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

/** The resources of a running command on this machine. */
interface Local {
  readonly srun: Running;
  readonly files: JobFiles;
  readonly stdout: RelayedStdout | undefined;
  readonly stderr: RelayedStderr | undefined;
  /** Filters marked lines out of stderr, if a report is expected there. */
  readonly relay: VerdictRelay | undefined;
  /** Resolves once its stdout has no reader. */
  readonly unread: Promise<void>;
}

class SrunCommand implements Running {
  readonly exited: Promise<CommandEnd>;
  readonly #request: SrunRequest;
  readonly #local: Local;
  readonly #watch: StepWatch;
  /** Resolves once all orders to the cluster are done; they are sent one after the other. */
  #orders: Promise<unknown> = Promise.resolve();
  /** The last fatal signal that we sent. */
  #fatal: SignalName | undefined;
  /** Why waiting in the queue was given up. */
  #givenUp: string | undefined;
  #killing: ReturnType<typeof setTimeout> | undefined;
  #dropping: ReturnType<typeof setTimeout> | undefined;
  /** Whether srun has ended, and whether all of its output has been passed on. */
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
    if (given === "SIGWINCH") return; // srun passes on sizes; on the node it has another use
    const signal = given === "SIGTSTP" ? "SIGSTOP" : given; // as an orphaned group ignores it
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
    // A killed srun has not released its job, even if it has logged how the step ended.
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

  /**
   * Returns the status that the execvm on the node reported; it reports nothing for exit code 0.
   */
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
      throw this.#failure(`execvm on the node reports: ${message}`, `${rest}${consoleTail}`, phase);
    }
    if (this.#fatal !== undefined) return { signal: this.#fatal };
    const last = lastLine(rest) ?? "none";
    const fact = `execvm on the node ended with code ${exitCode}; its last message: ${last}`;
    throw this.#failure(fact, rest);
  }

  /** Ends a command that has not been launched. */
  #end(signal: "SIGKILL" | "SIGTERM"): void {
    this.#local.srun.kill(signal);
    this.#order(() => cancelJobs(this.#request.name));
  }

  /** Ends a command that must not wait in the queue any longer. */
  #giveUp(why: string): void {
    if (this.#isOver) return;
    this.#givenUp = why;
    this.#end("SIGTERM");
  }

  /**
   * Keeps the end of a command from waiting for a reader that does not read. After a SIGTERM,
   * output is only dropped if a write blocks, so that what the command writes as it ends still
   * comes through; after a SIGKILL it is dropped soon.
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

  /** Makes sure that no job is left, as srun did not end with its command. */
  async #cancel(step: string | undefined): Promise<void> {
    if (step !== undefined) await signalStep(step, "SIGKILL");
    for (let cancels = 0; cancels < CANCELS; cancels++) {
      await cancelJobs(this.#request.name);
      if (await hasJobs(this.#request.name) === false) return;
      await pause(CANCEL_MS, new Promise(() => {}));
    }
  }

  /**
   * Makes the command get its SIGPIPE. The relay may not have started yet, so the signal is
   * repeated.
   */
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
    return new RunnerError(`cannot run on Slurm: ${fact}`, {
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
