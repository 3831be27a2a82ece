// A machine that has booted, or been cloned, and waits for a command; then the command in it.

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

/** A command to run; what the host adds by itself is left out. */
export type RunRequest = Omit<RunMessage, "type" | "clockMs" | "entropy">;

/** What the kernel's generator takes as a whole seed (drivers/char/random.c: BLAKE2S_HASH_SIZE). */
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

/** What makes a clone: the machine that its template was, and where that is. */
export interface CloneSpec extends Omit<QemuSpec, "memory" | "stateFile"> {
  readonly template: TemplateFiles;
}

/** The files of a template. */
export interface TemplateFiles {
  /** Memory of the guest, as large as that. */
  readonly memory: string;
  /** All else of the machine. */
  readonly state: string;
  /** The disk of its workspace as it was then; there is none unless the machine had it mounted. */
  readonly workspace: string;
}

/** A machine. Disposing it ends it, whatever it is doing. */
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
   * @throws {MachineError} if QEMU is missing or ends, the guest panics, or is not ready in time.
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
      const failure = await machine.#process.failure("boot", "Cannot boot the guest as", error);
      await machine[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /**
   * Starts a machine that goes on where its template was saved. It can be told what to do at once; that it
   * is there is known once it has answered, for which it has `limitMs`.
   *
   * @throws {MachineError} if QEMU is missing or ends.
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
   * Saves the state of this machine, which was booted with a memory file, to a new file, and stops it for
   * good.
   *
   * @throws {MachineError} if that fails, or takes longer.
   */
  async save(file: string, limitMs: number): Promise<void> {
    using limit = timeLimit(limitMs, `it had not after ${limitMs} ms`);
    try {
      using socket = this.#process.listen("state");
      const monitor = new Monitor(this.#connections.monitor!);
      await Promise.race([saveState(monitor, { file, socket }), limit.reached]);
    } catch (error) {
      throw await this.#process.failure("save", "Cannot save the machine as", error);
    }
  }

  /**
   * Has the guest let go of all its drives.
   *
   * @throws {MachineError} if it fails, or takes longer.
   */
  async detach(limitMs: number): Promise<void> {
    using limit = timeLimit(limitMs, `it had not after ${limitMs} ms`);
    try {
      this.#guest.send({ type: "detach" });
      await Promise.race([this.#guest.expect("detached"), limit.reached]);
    } catch (error) {
      throw await this.#process.failure("detach", "Cannot take the drives away as", error);
    }
  }

  /**
   * Has a command started that waits to be told what to do, by {@linkcode run} with `payload`.
   *
   * @throws {MachineError} if it ends before it waits, or takes longer.
   */
  async wait(command: Omit<WaitMessage, "type">, limitMs: number): Promise<void> {
    using limit = timeLimit(limitMs, `it did not wait after ${limitMs} ms`);
    try {
      this.#guest.send({ type: "wait", ...command });
      await Promise.race([this.#guest.expect("waiting"), limit.reached]);
    } catch (error) {
      throw await this.#process.failure("wait", "Cannot have a command wait as", error);
    }
  }

  /** Whether a command has been started in it, so that what fails then may be that command's doing. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Whether the kernel of this machine has killed it for want of memory. */
  get isOomKilled(): boolean {
    return this.#process.isOomKilled;
  }

  /** What its console has shown last. */
  get consoleTail(): string {
    return this.#process.consoleTail;
  }

  /** Tells the terminal of the command its size. */
  resize(size: TerminalSize): void {
    this.#guest.send({ type: "resize", ...size });
  }

  /** Whether it is there no more. */
  get hasEnded(): boolean {
    return this.#process.hasEnded;
  }

  /** Lets this process end while the machine is there: it goes with it. */
  unref(): void {
    this.#process.unref();
    for (const conn of Object.values(this.#connections)) conn.unref();
  }

  /** Undoes {@linkcode unref}. */
  ref(): void {
    this.#process.ref();
    for (const conn of Object.values(this.#connections)) conn.ref();
  }

  /** Sends a signal to the command, and to what it has started unless `to` says otherwise; SIGKILL ends the machine with all that is in it. */
  kill(signal: SignalName, to: "all" | "command" = "all"): void | Promise<void> {
    if (signal !== "SIGKILL") return this.#guest.send({ type: "signal", signal, to });
    this.#isKilled = true;
    this.#process.kill();
  }

  /**
   * Ends the command, and in a guest with a workspace all else that runs there; what it wrote is then on
   * that disk. The guest may not do so: give it its time.
   */
  end(): void {
    this.#guest.send({ type: "signal", signal: "SIGKILL", to: "all" });
  }

  /**
   * Writes a file in the guest, whose command has not been started yet. That it cannot be written is told
   * by {@linkcode run}, which fails.
   */
  put(file: GuestFile, { attached, user }: PutOptions = {}): void {
    this.#guest.put(file, { attached, user });
  }

  /**
   * Runs a command to its end and copies its streams. One after the other.
   *
   * @param onStart called once it runs, with who runs it; it may have written something by then
   * @throws {MachineError} if the guest fails, ends or breaks the protocol meanwhile; its phase is
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
      throw await this.#process.failure("run", "Cannot run the command as", error);
    }
    throw await this.#process.failure("restore", "Cannot restore the machine as", error);
  }

  /** Waits for a clone to be there, and for the command to start. */
  async #untilStarted(): Promise<Owner> {
    const message = await this.#firstMessage();
    this.#restoring = undefined;
    if (message.type === "failed") throw new Error(message.message);
    if (message.type !== "started") {
      throw new ProtocolError(`the guest said ${message.type} before it had started the command`);
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
   * Has the guest write everything to its disks and switch off, once its command has ended; resolves when
   * it has.
   *
   * @throws {MachineError} if it has not after `limitMs`: what it wrote may not be on its disks.
   */
  async powerOff(limitMs: number): Promise<void> {
    if (this.#isKilled) return;
    this.#guest.send({ type: "power-off" });
    using limit = timeLimit(limitMs, `it had not after ${limitMs} ms`);
    try {
      await Promise.race([this.#process.switchedOff(), limit.reached]);
    } catch (error) {
      if (this.#isKilled) return;
      throw await this.#process.failure("power-off", "Cannot switch the guest off as", error);
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
    // closed already, as its other side was
  }
}
