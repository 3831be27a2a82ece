// Runs one command in its own virtual machine.

import type { Link } from "../../chain/chain_words.ts";
import { type EndWriter, toReadable, toWriter } from "../../io/edges.ts";
import type { Stdio } from "../../io/ends.ts";
import { isFatal, type SignalName } from "../../libc/signals.ts";
import { ownTerminalSize } from "../../libc/terminal.ts";
import { MachineError } from "../../machine/machine_error.ts";
import { RunnerError } from "../../model/errors.ts";
import type { ReadyMachine } from "../../vm/get_machine.ts";
import { hostname } from "../../vm/hostname.ts";
import { GuestFiles } from "../../vm/guest_files.ts";
import { type Copier, MissingPath } from "../contract/copies.ts";
import { lendTerminal, type LentTerminal } from "../contract/lend_terminal.ts";
import type { CommandEnd, OnPhase, Recipient, Running } from "../contract/runner.ts";

/** How long a guest may take to flush its disks when it is powered off, in milliseconds. */
const POWER_OFF_MS = 60_000;

/** The command to run. */
export interface VmCommandRequest {
  /** The commands of a chain; a plain command is a chain of one. */
  readonly links: readonly Link[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly user: string | undefined;
  /** Whether it gets its own terminal. */
  readonly tty: boolean;
  /**
   * Gets a machine, which the command owns and disposes.
   *
   * @param signal ends the waiting
   * @param source `afresh` excludes machines that were made before the call
   */
  getMachine(signal: AbortSignal, source: "any" | "afresh"): Promise<ReadyMachine>;
  /** Called with each phase of the command. */
  readonly onPhase: OnPhase | undefined;
  /** Copies files, if there are any to copy. */
  readonly copier: Copier | undefined;
}

/** The host's ends of the command's streams. */
interface Streams {
  readonly stdin: ReadableStream<Uint8Array>;
  readonly stdout: EndWriter;
  readonly stderr: EndWriter;
}

/**
 * A command that runs in a machine or waits for one. It owns the ends of `stdio` and closes them.
 */
export class VmCommand implements Running {
  readonly exited: Promise<CommandEnd>;
  readonly #request: VmCommandRequest;
  readonly #streams: Streams;
  readonly #terminal: LentTerminal | undefined;
  /** Aborted when the command is killed before its machine is ready. */
  readonly #early = new AbortController();
  /** Its status in that case, and if files were being copied: death by the first fatal signal. */
  #earlyStatus: CommandEnd | undefined;
  #getting: Promise<ReadyMachine>;
  #ready: ReadyMachine | undefined;
  #isToldRunning = false;
  #isCopying = false;

  constructor(request: VmCommandRequest, stdio: Stdio) {
    this.#request = request;
    this.#streams = {
      stdin: toReadable(stdio.stdin),
      // The command's first output may arrive before the message that it runs.
      stdout: preceded(toWriter(stdio.stdout, Deno.stdout), this.#tellRunning),
      stderr: preceded(toWriter(stdio.stderr, Deno.stderr), this.#tellRunning),
    };
    this.#terminal = request.tty
      ? lendTerminal(stdio.stdin, (size) => this.#ready?.machine.resize(size))
      : undefined;
    this.#getting = request.getMachine(this.#early.signal, "any");
    this.exited = this.#run();
  }

  kill(signal: SignalName, to?: Recipient): void | Promise<void> {
    if (signal === "SIGWINCH" && this.#request.tty) return; // sent by the guest's kernel
    if (signal === "SIGTSTP") this.#terminal?.takeBack();
    if (signal === "SIGCONT") this.#terminal?.lendAgain();
    const isEarly = this.#ready === undefined;
    if (isFatal(signal) && (isEarly || this.#isCopying)) this.#earlyStatus ??= { signal };
    if (this.#ready !== undefined) return this.#ready.machine.kill(signal, to);
    if (isFatal(signal)) this.#early.abort(); // others have no effect before it runs
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const machine = await this.#getting.catch(() => undefined);
    await machine?.[Symbol.asyncDispose]();
  }

  async #run(): Promise<CommandEnd> {
    const { stdin, stdout, stderr } = this.#streams;
    try {
      return await this.#runTwiceIfDamaged();
    } catch (error) {
      await stdin.cancel().catch(() => {}); // it may be at EOF, or locked
      if (this.#earlyStatus !== undefined) return this.#earlyStatus;
      throw toRunnerError(error);
    } finally {
      this.#terminal?.[Symbol.dispose]();
      await stdout.close();
      await stderr.close();
    }
  }

  async #runTwiceIfDamaged(): Promise<CommandEnd> {
    try {
      return await this.#runInMachine();
    } catch (error) {
      const damaged = this.#ready;
      if (!isDamaged(error) || damaged?.discard === undefined) throw error;
      // The command has not started, so it can be tried with another template.
      await damaged[Symbol.asyncDispose]();
      damaged.discard();
      this.#ready = undefined;
      this.#getting = this.#request.getMachine(this.#early.signal, "afresh");
      return await this.#runInMachine();
    }
  }

  async #runInMachine(): Promise<CommandEnd> {
    const { onPhase, links, env, cwd, user, tty, copier } = this.#request;
    const { machine, writes, ...ready } = this.#ready = await this.#getting;
    const files = new GuestFiles(machine, ready.attached, () => new MissingPath());
    await this.#copy(() => copier?.copyIn(files));
    const attached = files.takeAttached();
    onPhase?.("starting");
    const run = {
      commands: links.map(({ argv }) => argv),
      ...(links.length > 1 && { stdouts: links.map(({ stdout }) => stdout) }),
      env,
      hostname: hostname(),
      ...(cwd !== undefined && { cwd }),
      ...(user !== undefined && { user }),
      ...(attached !== undefined && { attached }),
      ...(tty && { terminal: ownTerminalSize() }),
    };
    const status = await machine.run(run, this.#streams, this.#tellRunning);
    await this.#copy(() => copier?.copyOut(files, status));
    if (!writes) return status;
    onPhase?.("ending", "it writes to its disks");
    await machine.powerOff(POWER_OFF_MS); // only then is what it wrote on the disks
    return status;
  }

  /** Runs a copying, during which a fatal signal is the command's. */
  async #copy(copying: () => Promise<void> | undefined): Promise<void> {
    this.#isCopying = true;
    await copying();
    this.#isCopying = false;
    if (this.#earlyStatus !== undefined) throw new Error("it was killed"); // #run returns that
  }

  readonly #tellRunning = (): void => {
    if (this.#isToldRunning) return;
    this.#isToldRunning = true;
    this.#request.onPhase?.("running");
  };
}

/** Whether the error says that a machine could not be restored from its template. */
function isDamaged(error: unknown): boolean {
  return error instanceof MachineError && error.phase === "restore";
}

/** Returns the writer with a call of `first` before each chunk. */
function preceded(writer: EndWriter, first: () => void): EndWriter {
  return {
    ...writer,
    write(chunk) {
      first();
      return writer.write(chunk);
    },
  };
}

function toRunnerError(error: unknown): unknown {
  if (!(error instanceof MachineError)) return error;
  const { phase, argv, consoleTail } = error;
  return new RunnerError(error.message, { runner: "vm", phase, argv, consoleTail, cause: error });
}
