// A machine in which programs run one after the other, each of which must succeed.

import type { DeviceOptions } from "../disks/devices.ts";
import { printableLines } from "../host/printable.ts";
import { StderrTail } from "../host/stderr_tail.ts";
import { timeLimit } from "../host/time_limit.ts";
import type { ExitStatus } from "../libc/spawn.ts";
import { messageOf } from "../model/errors.ts";
import { commandLine } from "../vm/command_line.ts";
import { getMachine, type ReadyMachine } from "../vm/get_machine.ts";
import { hostname } from "../vm/hostname.ts";
import { VM_DEFAULTS } from "../vm/options.ts";
import type { PrepareOptions } from "./prepare_options.ts";

/** How the machine is made. */
export type StepMachineOptions = Pick<
  PrepareOptions,
  "network" | "memoryMib" | "cpus" | "accel" | "stepTimeoutMs" | "signal"
>;

/** A command of a step. */
export interface StepCommand {
  readonly argv: readonly string[];
  /** Our scripts that run before the command, and after it has succeeded; they read no input. */
  readonly around?: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly env?: Readonly<Record<string, string>>;
  /** Owned: it is read to its end or cancelled. @default empty */
  readonly input?: ReadableStream<Uint8Array>;
}

const MEMORY_MIB = 1024;
const STEP_MS = 1_800_000;

/** How many lines of stderr are part of an error. */
const STDERR_LINES = 5;

/** How many bytes of stdout are kept of a step. */
const MAX_TEXT_BYTES = 64 << 10;

/** A machine for steps. Disposing it ends it. */
export class StepMachine implements AsyncDisposable {
  readonly #options: StepMachineOptions;
  readonly #ready: ReadyMachine;
  #step = "";

  private constructor(options: StepMachineOptions, ready: ReadyMachine) {
    this.#options = options;
    this.#ready = ready;
  }

  /** Boots the machine. @throws {MachineError} if that fails. */
  static async boot(spec: StepMachineOptions, devices: DeviceOptions): Promise<StepMachine> {
    const options = {
      ...VM_DEFAULTS,
      memoryMib: spec.memoryMib ?? MEMORY_MIB,
      cpus: spec.cpus ?? VM_DEFAULTS.cpus,
      accel: spec.accel ?? VM_DEFAULTS.accel,
      network: spec.network === true ? "user" : "none",
      devices,
      template: false, // it is booted only once
    } as const;
    const signal = spec.signal ?? new AbortController().signal;
    const append = (kernelParams: readonly string[]) => commandLine(options, kernelParams);
    return new StepMachine(spec, await getMachine({ options, append, signal }));
  }

  /** Runs a command and returns its output, up to 64 KiB. @throws {Error} if it fails. */
  async text(step: string, command: StepCommand): Promise<string> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    await this.#run(step, command, (chunk) => {
      if (bytes < MAX_TEXT_BYTES) chunks.push(chunk.slice(0, MAX_TEXT_BYTES - bytes));
      bytes += chunk.length;
      return Promise.resolve(true);
    });
    return await new Blob(chunks as Uint8Array<ArrayBuffer>[]).text();
  }

  /**
   * Returns the output of a command. The stream fails if the command does; cancelling it ends the
   * machine.
   */
  stream(step: string, command: StepCommand): ReadableStream<Uint8Array> {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const take = (chunk: Uint8Array) => writer.write(chunk).then(() => true, () => false);
    const ended = this.#run(step, command, take);
    ended.then(() => writer.close(), (error) => writer.abort(error)).catch(() => {});
    return readable;
  }

  async #run(
    step: string,
    { argv, around, env = {}, input = new Blob().stream() }: StepCommand,
    take: (chunk: Uint8Array) => Promise<boolean>,
  ): Promise<void> {
    this.#step = step;
    const tail = new StderrTail();
    const never = new Promise<void>(() => {});
    const stdio = {
      stdin: input,
      stdout: { write: take, gone: never },
      stderr: {
        write: (chunk: Uint8Array) => Promise.resolve(tail.push(chunk)).then(() => true),
        gone: never,
      },
    };
    const commands = around === undefined ? [argv] : [around.before, argv, around.after];
    const request = { commands, env, hostname: hostname() };
    const status = await this.#limited(this.#ready.machine.run(request, stdio));
    if (status.code !== 0) throw this.#failure(describe(status), tail);
  }

  /** Ends the machine when its time limit is reached or `signal` is aborted. */
  async #limited(running: Promise<ExitStatus>): Promise<ExitStatus> {
    const { signal, stepTimeoutMs = STEP_MS } = this.#options;
    using limit = timeLimit(stepTimeoutMs, `it had not ended after ${stepTimeoutMs} ms`, signal);
    try {
      return await Promise.race([running, limit.reached]);
    } catch (error) {
      this.#ready.machine.kill("SIGKILL");
      await running.catch(() => {});
      signal?.throwIfAborted();
      throw this.#failure(`of this: ${messageOf(error)}`, new StderrTail(), error);
    }
  }

  #failure(how: string, tail: StderrTail, cause?: unknown): Error {
    const lines = printableLines(String(tail)).trim().split("\n").slice(-STDERR_LINES).join("\n");
    const shown = lines === "" ? "" : `:\n${lines}`;
    return new Error(`cannot prepare the image: ${this.#step} failed: ${how}${shown}`, { cause });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ready[Symbol.asyncDispose]();
  }
}

function describe(status: ExitStatus): string {
  return status.signal === undefined ? `exit code ${status.code}` : `died of ${status.signal}`;
}
