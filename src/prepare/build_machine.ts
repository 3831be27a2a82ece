// The machine that prepares an image: steps run in it, then its root comes out as a tar.

import { VM_DEFAULTS } from "../runners/vm_options.ts";
import { commandLine, getMachine, type ReadyMachine } from "../runners/vm_machine.ts";
import { StderrTail } from "../stderr_tail.ts";
import type { ExitStatus } from "../libc/spawn.ts";
import { makeExt4Disk } from "../vm/ext4_disk.ts";
import { hostname } from "../vm/hostname.ts";
import { printableLines } from "../vm/printable.ts";
import { ROOT_TYPES } from "../vm/protocol_words.ts";
import { timeLimit } from "../vm/time_limit.ts";
import { FINISH, MOUNT, PACK, RESOLVE } from "./guest_programs.ts";
import type { PrepareOptions } from "./prepare_options.ts";

/** What the machine is made of. */
export interface BuildSpec extends
  Pick<
    PrepareOptions,
    "network" | "sizeMib" | "memoryMib" | "cpus" | "accel" | "stepTimeoutMs" | "signal"
  > {
  /** Path of the image to start from: squashfs, ext4 or erofs. */
  readonly base: string;
  /** A folder for its disk, which is the caller's. */
  readonly folder: string;
  /** The environment of what runs in the root. */
  readonly env: Readonly<Record<string, string>>;
}

/** A command of a step. */
export interface StepCommand {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Owned: read to its end or cancelled. @default nothing */
  readonly input?: ReadableStream<Uint8Array>;
}

const SIZE_MIB = 8192;
const MEMORY_MIB = 1024;
const STEP_MS = 1_800_000;

/** Lines of stderr that are part of an error. */
const STDERR_LINES = 5;

/** Bytes of stdout that are kept of a step. */
const MAX_TEXT_BYTES = 64 << 10;

/** A machine with a root to be changed. Disposing it ends it; the root is gone then. */
export class BuildMachine implements AsyncDisposable {
  readonly #spec: BuildSpec;
  readonly #ready: ReadyMachine;
  #step = "";

  private constructor(spec: BuildSpec, ready: ReadyMachine) {
    this.#spec = spec;
    this.#ready = ready;
  }

  /** Boots it. @throws {MachineError} if it cannot be. @throws {Error} if the root cannot be used. */
  static async boot(spec: BuildSpec): Promise<BuildMachine> {
    const disk = `${spec.folder}/scratch.ext4`;
    await makeExt4Disk(disk, spec.sizeMib ?? SIZE_MIB);
    const options = {
      ...VM_DEFAULTS,
      memoryMib: spec.memoryMib ?? MEMORY_MIB,
      cpus: spec.cpus ?? VM_DEFAULTS.cpus,
      accel: spec.accel ?? VM_DEFAULTS.accel,
      network: spec.network === true ? "user" : "none",
      devices: { [spec.base]: "/dev/vda", [disk]: { path: "/dev/vdb", write: true } },
      template: false, // it is booted once
    } as const;
    const signal = spec.signal ?? new AbortController().signal;
    const append = (words: readonly string[]) => commandLine(options, words);
    const machine = new BuildMachine(spec, await getMachine({ options, append, signal }));
    try {
      await machine.program("mounting the root", MOUNT, ROOT_TYPES);
      if (spec.network === true) await machine.program("setting the network up", RESOLVE);
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a command in the root; what it prints, up to 64 KiB. @throws {Error} if it fails. */
  async inRoot(step: string, { argv, env, input }: StepCommand): Promise<string> {
    const command = { argv: ["chroot", "/new", ...argv], env: { ...this.#spec.env, ...env } };
    return await this.#text(step, input === undefined ? command : { ...command, input });
  }

  /** Runs one of our programs beside the root; what it prints. @throws {Error} if it fails. */
  async program(
    step: string,
    program: string,
    args: readonly string[] = [],
    input?: ReadableStream<Uint8Array>,
  ): Promise<string> {
    const command = { argv: ["sh", "-c", program, "sh", ...args] };
    return await this.#text(step, input === undefined ? command : { ...command, input });
  }

  /**
   * The root as a tar, after which the machine is of no more use. It fails as the machine does; cancelling
   * ends it.
   */
  async pack(): Promise<ReadableStream<Uint8Array>> {
    const resolved = this.#spec.network === true ? ["resolved"] : [];
    await this.program("putting the root in order", FINISH, resolved);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const take = (chunk: Uint8Array) => writer.write(chunk).then(() => true, () => false);
    const packed = this.#run("packing the root", { argv: ["sh", "-c", PACK] }, take);
    packed.then(() => writer.close(), (error) => writer.abort(error)).catch(() => {});
    return readable;
  }

  async #text(step: string, command: StepCommand): Promise<string> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    await this.#run(step, command, (chunk) => {
      if (bytes < MAX_TEXT_BYTES) chunks.push(chunk.slice(0, MAX_TEXT_BYTES - bytes));
      bytes += chunk.length;
      return Promise.resolve(true);
    });
    return await new Blob(chunks as Uint8Array<ArrayBuffer>[]).text();
  }

  async #run(
    step: string,
    { argv, env = {}, input = new Blob().stream() }: StepCommand,
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
    const request = { commands: [argv], env, hostname: hostname() };
    const status = await this.#limited(this.#ready.machine.run(request, stdio));
    if (status.code !== 0) throw this.#failure(describe(status), tail);
  }

  /** Ends the machine when time is over or nobody waits any more. */
  async #limited(running: Promise<ExitStatus>): Promise<ExitStatus> {
    const { signal, stepTimeoutMs = STEP_MS } = this.#spec;
    using limit = timeLimit(stepTimeoutMs, `it had not ended after ${stepTimeoutMs} ms`, signal);
    try {
      return await Promise.race([running, limit.reached]);
    } catch (error) {
      this.#ready.machine.kill("SIGKILL");
      await running.catch(() => {});
      signal?.throwIfAborted();
      throw this.#failure(`of this: ${(error as Error).message}`, new StderrTail(), error);
    }
  }

  #failure(how: string, tail: StderrTail, cause?: unknown): Error {
    const lines = printableLines(String(tail)).trim().split("\n").slice(-STDERR_LINES).join("\n");
    const shown = lines === "" ? "" : `:\n${lines}`;
    return new Error(`Cannot prepare the image as ${this.#step} failed: ${how}${shown}`, { cause });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ready[Symbol.asyncDispose]();
  }
}

function describe(status: ExitStatus): string {
  return status.signal === undefined ? `exit code ${status.code}` : `died of ${status.signal}`;
}
