// A machine that has booted and waits for a command; then the command in it.

import type { ExitStatus } from "../libc/spawn.ts";
import type { SignalName } from "../libc/signals.ts";
import { GuestLink, writeAll } from "./guest_link.ts";
import type { MachineSpec } from "./machine.ts";
import { type GuestMessage, PROTOCOL_VERSION, type RunMessage } from "./protocol.ts";
import { type Connections, QemuProcess } from "./qemu_process.ts";

const CHUNK_BYTES = 1 << 20;

/** Where the output of a guest goes. */
export interface Output {
  /** Takes a chunk; `false` when nobody wants more. */
  write(chunk: Uint8Array): Promise<boolean>;
  /** Resolves when nobody wants more, if that comes. */
  readonly gone: Promise<void>;
}

/** The streams of a command in a guest. */
export interface GuestStdio {
  readonly stdin: ReadableStream<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** A booted machine. Disposing it ends it, whatever it is doing. */
export class VirtualMachine implements AsyncDisposable {
  readonly #process: QemuProcess;
  readonly #connections: Connections;
  readonly #link: GuestLink;
  readonly #messages: AsyncGenerator<GuestMessage>;

  private constructor(process: QemuProcess, connections: Connections) {
    this.#process = process;
    this.#connections = connections;
    this.#link = new GuestLink(connections.control);
    this.#messages = this.#link.messages();
  }

  /**
   * Starts a machine and waits until its guest is ready.
   *
   * @throws {MachineError} if QEMU is missing or ends, the guest panics, or is not ready in time.
   */
  static async boot(spec: Omit<MachineSpec, "folder">, limitMs: number): Promise<VirtualMachine> {
    const { process, connections } = await QemuProcess.start(spec);
    const machine = new VirtualMachine(process, connections);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`it was not ready after ${limitMs} ms`)),
          limitMs,
        );
      });
      await Promise.race([machine.#greet(), late]);
      return machine;
    } catch (error) {
      const fact = (error as Error).message;
      const failure = await process.failure("boot", `Cannot boot the guest as ${fact}`, error);
      await machine[Symbol.asyncDispose]();
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  async #greet(): Promise<void> {
    const { value } = await this.#messages.next();
    if (value === undefined) throw new Error("it ended before it was ready");
    if (value.type !== "hello") throw new Error(`it began with ${value.type}`);
    if (value.version !== PROTOCOL_VERSION) {
      throw new Error(
        `it speaks version ${value.version} of the protocol, not ${PROTOCOL_VERSION}`,
      );
    }
  }

  /** Sends a signal to the command; SIGKILL ends the machine with all that is in it. */
  kill(signal: SignalName): void {
    if (signal === "SIGKILL") this.#process.kill();
    else this.#link.send({ type: "signal", signal });
  }

  /**
   * Runs a command to its end and copies its streams. Once.
   *
   * @throws {MachineError} if the guest fails, ends or breaks the protocol meanwhile.
   */
  async run(request: Omit<RunMessage, "type" | "clockMs">, stdio: GuestStdio): Promise<ExitStatus> {
    this.#link.send({ type: "run", ...request, clockMs: Date.now() });
    const outputs = {
      stdout: new OutputCopy(this.#connections.stdout, stdio.stdout),
      stderr: new OutputCopy(this.#connections.stderr, stdio.stderr),
    };
    const stdin = stdio.stdin.getReader();
    for (const stream of ["stdout", "stderr"] as const) {
      void outputs[stream].refused.then(() => this.#link.send({ type: "closed", stream }));
    }
    void this.#copyStdin(stdin);
    try {
      return await this.#follow(outputs, stdin);
    } catch (error) {
      throw await this.#process.failure(
        "run",
        `The guest failed: ${(error as Error).message}`,
        error,
      );
    } finally {
      void stdin.cancel().catch(() => {});
    }
  }

  async #follow(
    outputs: Readonly<Record<"stdout" | "stderr", OutputCopy>>,
    stdin: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<ExitStatus> {
    for await (const message of { [Symbol.asyncIterator]: () => this.#messages }) {
      switch (message.type) {
        case "stdin-closed":
          void stdin.cancel().catch(() => {});
          break;
        case "end":
          await outputs[message.stream].until(message.bytes);
          break;
        case "exit":
          return "code" in message ? { code: message.code } : { signal: message.signal };
        case "failed":
          throw new Error(message.message);
        default:
          throw new Error(`it said ${message.type} while a command ran`);
      }
    }
    throw new Error("the machine ended");
  }

  async #copyStdin(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    let bytes = 0;
    try {
      while (true) {
        const { done, value } = await reader.read();
        if (done) break;
        await writeAll(this.#connections.stdin, value);
        bytes += value.length;
      }
    } catch {
      return; // the machine has ended, or what feeds us has failed, which is told elsewhere
    }
    this.#link.send({ type: "stdin-end", bytes });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    for (const conn of Object.values(this.#connections)) close(conn);
  }
}

/** Copies the output of a guest from its port, as far as the guest says that it goes. */
class OutputCopy {
  readonly #conn: Deno.UnixConn;
  readonly #output: Output;
  #taken = 0;
  #copied: Promise<void>;
  #progress = Promise.withResolvers<void>();
  readonly #refused = Promise.withResolvers<void>();

  constructor(conn: Deno.UnixConn, output: Output) {
    this.#conn = conn;
    this.#output = output;
    output.gone.then(() => this.#refused.resolve());
    this.#copied = this.#copy();
  }

  /** Resolves when nobody wants more; what still comes is dropped. */
  get refused(): Promise<void> {
    return this.#refused.promise;
  }

  /** Waits until so many bytes have been taken. */
  async until(bytes: number): Promise<void> {
    while (this.#taken < bytes) {
      const ended = this.#copied.then(() => {
        if (this.#taken < bytes) {
          throw new Error("the machine ended before all of its output was here");
        }
      });
      await Promise.race([this.#progress.promise, ended]);
    }
  }

  async #copy(): Promise<void> {
    let wanted = true;
    while (true) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const count = await this.#conn.read(chunk).catch(() => null);
      if (count === null) return;
      if (wanted) wanted = await this.#output.write(chunk.subarray(0, count));
      if (!wanted) this.#refused.resolve();
      this.#taken += count;
      this.#progress.resolve();
      this.#progress = Promise.withResolvers();
    }
  }
}

function close(conn: Deno.UnixConn): void {
  try {
    conn.close();
  } catch {
    // closed already, as its other side was
  }
}
