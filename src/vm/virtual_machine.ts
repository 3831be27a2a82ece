// A machine that has been booted or cloned: prepares it, and runs commands in it.

import { timeLimit } from "../host/time_limit.ts";
import type { SignalName } from "../libc/signals.ts";
import {
  type GuestMessage,
  type Owner,
  ProtocolError,
  type RunMessage,
  type TerminalSize,
  type WaitMessage,
} from "../machine/protocol.ts";
import { restoreState, saveState } from "../qemu/machine_state.ts";
import { Monitor } from "../qemu/monitor.ts";
import { PortReader } from "../qemu/port_reader.ts";
import type { Connections } from "../qemu/port_sockets.ts";
import { QemuProcess, type QemuSpec, type StartedQemu } from "../qemu/process.ts";
import { followRun, type GuestExit } from "./follow_run.ts";
import { GuestDialog, type GuestFile, type PutOptions } from "./guest_dialog.ts";
import { InputCopy } from "./input_copy.ts";
import { type Output, OutputCopy } from "./output_copy.ts";

/** A command to run, without the fields that the host fills in. */
export type RunRequest = Omit<RunMessage, "type" | "clockMs" | "entropy">;

/**
 * The size of a full seed for the kernel's generator (drivers/char/random.c: BLAKE2S_HASH_SIZE).
 */
const ENTROPY_BYTES = 32;

/** The streams of a command in a guest. */
export interface GuestStdio {
  readonly stdin: ReadableStream<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** A clone that has not answered yet. */
interface Restoring {
  /** Rejects if QEMU cannot restore it. */
  readonly failed: Promise<never>;
  readonly limitMs: number;
}

/** What to clone: the machine that the template was made from, and the template's files. */
export interface CloneSpec extends Omit<QemuSpec, "memory" | "stateFile"> {
  readonly template: TemplateFiles;
}

/** The files of a template. */
export interface TemplateFiles {
  /** The guest's memory, a file of the same size. */
  readonly memory: string;
  /** The rest of the machine's state. */
  readonly state: string;
  /** The disk of the workspace when it was saved; it exists only if the machine had one mounted. */
  readonly workspace: string;
}

/** A machine. Disposing it kills it, whatever it is doing. */
export class VirtualMachine implements AsyncDisposable {
  readonly #process: QemuProcess;
  readonly #connections: Connections;
  readonly #guest: GuestDialog;
  readonly #outputs: Readonly<Record<"stdout" | "stderr", PortReader>>;
  #restoring: Restoring | undefined;
  #isKilled = false;
  #hasStarted = false;

  private constructor({ process, connections }: StartedQemu) {
    this.#process = process;
    this.#connections = connections;
    this.#guest = new GuestDialog(connections.control);
    const { stdout, stderr } = connections;
    this.#outputs = { stdout: new PortReader(stdout), stderr: new PortReader(stderr) };
  }

  /**
   * Starts a machine and waits until its guest is ready, or `signal` is aborted.
   *
   * @throws {MachineError} if QEMU is missing or exits, the guest panics, or is not ready in time.
   */
  static async boot(
    spec: QemuSpec,
    limitMs: number,
    signal?: AbortSignal,
  ): Promise<VirtualMachine> {
    using limit = timeLimit(limitMs, `it was not ready after ${limitMs} ms`, signal);
    const machine = new VirtualMachine(await QemuProcess.start(spec, limit.reached));
    try {
      await Promise.race([machine.#guest.greet(), limit.reached]);
      return machine;
    } catch (error) {
      const failure = await machine.#process.failure("boot", "cannot boot the guest:", error);
      await machine[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /**
   * Starts a machine that continues from where its template was saved. It accepts messages at once;
   * that the restore has worked is known only with its first answer, which must come within
   * `limitMs`.
   *
   * @throws {MachineError} if QEMU is missing or exits.
   */
  static async clone(
    { template, ...spec }: CloneSpec,
    limitMs: number,
    signal?: AbortSignal,
  ): Promise<VirtualMachine> {
    using limit = timeLimit(limitMs, `it was not ready after ${limitMs} ms`, signal);
    const memory = { path: template.memory, use: "clone" } as const;
    const started = await QemuProcess.start(
      { ...spec, memory, stateFile: template.state },
      limit.reached,
    );
    const machine = new VirtualMachine(started);
    const restored = restoreState(new Monitor(started.connections.monitor!), started.state!);
    machine.#restoring = { failed: restored.then(() => new Promise<never>(() => {})), limitMs };
    machine.#restoring.failed.catch(() => {});
    return machine;
  }

  /**
   * Saves the state of this machine, which must have a memory file, to a new file. The machine is
   * stopped and cannot be used afterwards.
   *
   * @throws {MachineError} if that fails, or takes longer than `limitMs`.
   */
  async save(file: string, limitMs: number): Promise<void> {
    using limit = timeLimit(limitMs, `it took longer than ${limitMs} ms`);
    try {
      using socket = this.#process.listen("state");
      const monitor = new Monitor(this.#connections.monitor!);
      await Promise.race([saveState(monitor, { file, socket }), limit.reached]);
    } catch (error) {
      throw await this.#process.failure("save", "cannot save the machine:", error);
    }
  }

  /**
   * Detaches all drives in the guest.
   *
   * @throws {MachineError} if that fails, or takes longer than `limitMs`.
   */
  async detach(limitMs: number): Promise<void> {
    using limit = timeLimit(limitMs, `it took longer than ${limitMs} ms`);
    try {
      this.#guest.send({ type: "detach" });
      await Promise.race([this.#guest.expect("detached"), limit.reached]);
    } catch (error) {
      throw await this.#process.failure("detach", "cannot detach the drives:", error);
    }
  }

  /**
   * Starts a command that waits for its payload, which a later {@linkcode run} sends.
   *
   * @throws {MachineError} if the command ends before it waits, or takes longer than `limitMs`.
   */
  async wait(command: Omit<WaitMessage, "type">, limitMs: number): Promise<void> {
    using limit = timeLimit(limitMs, `it was not waiting after ${limitMs} ms`);
    try {
      this.#guest.send({ type: "wait", ...command });
      await Promise.race([this.#guest.expect("waiting"), limit.reached]);
    } catch (error) {
      throw await this.#process.failure("wait", "cannot start a command that waits:", error);
    }
  }

  /** Whether a command has been started in it; a later failure may be that command's fault. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Whether the OOM killer of the host has killed it. */
  get isOomKilled(): boolean {
    return this.#process.isOomKilled;
  }

  /** The last output of its console. */
  get consoleTail(): string {
    return this.#process.consoleTail;
  }

  /** Sets the size of the command's terminal. */
  resize(size: TerminalSize): void {
    this.#guest.send({ type: "resize", ...size });
  }

  /** Whether its QEMU has exited. */
  get hasEnded(): boolean {
    return this.#process.hasEnded;
  }

  /** Stops the machine from keeping this process alive; it is killed when this process exits. */
  unref(): void {
    this.#process.unref();
    for (const conn of Object.values(this.#connections)) conn.unref();
  }

  /** Undoes {@linkcode unref}. */
  ref(): void {
    this.#process.ref();
    for (const conn of Object.values(this.#connections)) conn.ref();
  }

  /**
   * Sends a signal to the command and, unless `to` is `command`, to the processes that it has
   * started; SIGKILL kills the whole machine.
   */
  kill(signal: SignalName, to: "all" | "command" = "all"): void | Promise<void> {
    if (signal !== "SIGKILL") return this.#guest.send({ type: "signal", signal, to });
    this.#isKilled = true;
    this.#process.kill();
  }

  /**
   * Asks the guest to kill the command and, if it has a workspace, all other processes, and to
   * flush that disk. The guest is untrusted and may not comply, so limit the time.
   */
  end(): void {
    this.#guest.send({ type: "signal", signal: "SIGKILL", to: "all" });
  }

  /**
   * Writes a file in the guest, before its command is started. If it cannot be written,
   * {@linkcode run} fails.
   */
  put(file: GuestFile, { attached, user }: PutOptions = {}): void {
    this.#guest.put(file, { attached, user });
  }

  /**
   * Runs a command to its end and copies its streams. Only one command may run at a time.
   *
   * @param onStart called once it runs, with its user; it may have written output by then
   * @throws {MachineError} if the guest fails, ends or breaks the protocol meanwhile; the phase is
   * `restore` if a clone has not answered at all, so that nothing has run.
   */
  async run(
    request: RunRequest,
    stdio: GuestStdio,
    onStart: (owner: Owner) => void = () => {},
  ): Promise<GuestExit> {
    const entropy = crypto.getRandomValues(new Uint8Array(ENTROPY_BYTES)).toBase64();
    this.#guest.send({ type: "run", ...request, clockMs: Date.now(), entropy });
    using stdout = new OutputCopy(this.#outputs.stdout, stdio.stdout);
    using stderr = new OutputCopy(this.#outputs.stderr, stdio.stderr);
    const outputs = { stdout, stderr };
    for (const stream of ["stdout", "stderr"] as const) {
      void outputs[stream].refused.then(() => this.#guest.send({ type: "closed", stream }));
    }
    try {
      onStart(await this.#untilStarted());
    } catch (error) {
      return await this.#giveUp(error);
    }
    using stdin = new InputCopy(stdio.stdin, this.#connections.stdin);
    stdin.whole.then((bytes) => this.#guest.send({ type: "stdin-end", bytes }));
    try {
      return await followRun(() => this.#guest.next(), outputs, stdin);
    } catch (error) {
      return await this.#giveUp(error);
    }
  }

  async #giveUp(error: unknown): Promise<GuestExit> {
    if (this.#isKilled) return { signal: "SIGKILL" };
    if (this.#restoring === undefined) {
      throw await this.#process.failure("run", "cannot run the command:", error);
    }
    throw await this.#process.failure("restore", "cannot restore the machine:", error);
  }

  /** Waits until a clone is restored and the command has started. */
  async #untilStarted(): Promise<Owner> {
    const message = await this.#firstMessage();
    this.#restoring = undefined;
    if (message.type === "failed") throw new Error(message.message);
    if (message.type !== "started") {
      throw new ProtocolError(`the guest sent ${message.type} before it had started the command`);
    }
    this.#hasStarted = true;
    return message;
  }

  async #firstMessage(): Promise<GuestMessage> {
    if (this.#restoring === undefined) return await this.#guest.next();
    const { failed, limitMs } = this.#restoring;
    using limit = timeLimit(limitMs, `it had not answered after ${limitMs} ms`);
    return await Promise.race([this.#guest.next(), failed, limit.reached]);
  }

  /**
   * Has the guest flush its disks and power off, once its command has ended; resolves when it is
   * off.
   *
   * @throws {MachineError} if that takes longer than `limitMs`: some writes may then be lost.
   */
  async powerOff(limitMs: number): Promise<void> {
    if (this.#isKilled) return;
    this.#guest.send({ type: "power-off" });
    using limit = timeLimit(limitMs, `it took longer than ${limitMs} ms`);
    try {
      await Promise.race([this.#process.switchedOff(), limit.reached]);
    } catch (error) {
      if (this.#isKilled) return;
      throw await this.#process.failure("power-off", "cannot power the guest off:", error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    for (const conn of Object.values(this.#connections)) close(conn);
  }
}

function close(conn: Deno.UnixConn): void {
  try {
    conn.close();
  } catch {
    // closed already, as its peer was
  }
}
