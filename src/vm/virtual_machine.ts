// A machine that has booted and waits for a command; then the command in it.

import type { ExitStatus } from "../libc/spawn.ts";
import type { SignalName } from "../libc/signals.ts";
import { GuestLink, writeAll } from "./guest_link.ts";
import type { MachineSpec } from "./machine.ts";
import { MachineGone } from "./machine_error.ts";
import { type Output, OutputCopy } from "./output_copy.ts";
import type { Connections } from "./port_sockets.ts";
import {
  type GuestMessage,
  PROTOCOL_VERSION,
  ProtocolError,
  type RunMessage,
  type TerminalSize,
} from "./protocol.ts";
import { QemuProcess } from "./qemu_process.ts";
import { timeLimit } from "./time_limit.ts";

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

/** A booted machine. Disposing it ends it, whatever it is doing. */
export class VirtualMachine implements AsyncDisposable {
  readonly #process: QemuProcess;
  readonly #connections: Connections;
  readonly #link: GuestLink;
  readonly #messages: AsyncGenerator<GuestMessage>;
  #isKilled = false;

  private constructor(process: QemuProcess, connections: Connections) {
    this.#process = process;
    this.#connections = connections;
    this.#link = new GuestLink(connections.control);
    this.#messages = this.#link.messages();
  }

  /**
   * Starts a machine and waits until its guest is ready, or `signal` is aborted.
   *
   * @throws {MachineError} if QEMU is missing or ends, the guest panics, or is not ready in time.
   */
  static async boot(
    spec: Omit<MachineSpec, "folder">,
    limitMs: number,
    signal?: AbortSignal,
  ): Promise<VirtualMachine> {
    using limit = timeLimit(limitMs, `it was not ready after ${limitMs} ms`, signal);
    const { process, connections } = await QemuProcess.start(spec, limit.reached);
    const machine = new VirtualMachine(process, connections);
    try {
      await Promise.race([machine.#greet(), limit.reached]);
      return machine;
    } catch (error) {
      const failure = await process.failure("boot", "Cannot boot the guest as", error);
      await machine[Symbol.asyncDispose]();
      throw failure;
    }
  }

  async #greet(): Promise<void> {
    const { value } = await this.#messages.next();
    if (value === undefined) throw new MachineGone("it ended before it was ready");
    if (value.type !== "hello") throw new ProtocolError(`it began with ${value.type}`);
    if (value.version !== PROTOCOL_VERSION) {
      throw new ProtocolError(
        `it speaks version ${value.version} of the protocol, not ${PROTOCOL_VERSION}`,
      );
    }
  }

  /** Tells the terminal of the command its size. */
  resize(size: TerminalSize): void {
    this.#link.send({ type: "resize", ...size });
  }

  /** Sends a signal to the command; SIGKILL ends the machine with all that is in it. */
  kill(signal: SignalName): void {
    if (signal === "SIGKILL") {
      this.#isKilled = true;
      this.#process.kill();
    } else this.#link.send({ type: "signal", signal });
  }

  /**
   * Runs a command to its end and copies its streams. Once.
   *
   * @throws {MachineError} if the guest fails, ends or breaks the protocol meanwhile.
   */
  async run(request: RunRequest, stdio: GuestStdio): Promise<ExitStatus> {
    const entropy = crypto.getRandomValues(new Uint8Array(ENTROPY_BYTES)).toBase64();
    this.#link.send({ type: "run", ...request, clockMs: Date.now(), entropy });
    using stdout = new OutputCopy(this.#connections.stdout, stdio.stdout);
    using stderr = new OutputCopy(this.#connections.stderr, stdio.stderr);
    const outputs = { stdout, stderr };
    const stdin = stdio.stdin.getReader();
    for (const stream of ["stdout", "stderr"] as const) {
      void outputs[stream].refused.then(() => this.#link.send({ type: "closed", stream }));
    }
    void this.#copyStdin(stdin);
    try {
      return await this.#follow(outputs, stdin);
    } catch (error) {
      if (this.#isKilled) return { signal: "SIGKILL" };
      throw await this.#process.failure("run", "Cannot run the command as", error);
    } finally {
      void stdin.cancel().catch(() => {});
    }
  }

  /**
   * Has the guest write everything to its disks and switch off, once its command has ended; resolves when
   * it has.
   *
   * @throws {MachineError} if it has not after `limitMs`: what it wrote may not be on its disks.
   */
  async powerOff(limitMs: number): Promise<void> {
    if (this.#isKilled) return;
    this.#link.send({ type: "power-off" });
    using limit = timeLimit(limitMs, `it had not after ${limitMs} ms`);
    try {
      await Promise.race([this.#process.switchedOff(), limit.reached]);
    } catch (error) {
      if (this.#isKilled) return;
      throw await this.#process.failure("power-off", "Cannot switch the guest off as", error);
    }
  }

  /** Takes each message once and no other; so a guest cannot keep us with more of them. */
  async #follow(
    outputs: Readonly<Record<"stdout" | "stderr", OutputCopy>>,
    stdin: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<ExitStatus> {
    const { stdout, stderr } = outputs;
    const seen = new Set<string>();
    while (true) {
      const next = this.#messages.next();
      const result = await Promise.race([next, stdout.failed, stderr.failed]);
      if (result.done === true) throw new MachineGone("the machine ended");
      const message = result.value;
      const what = message.type === "end" ? `end of ${message.stream}` : message.type;
      if (seen.has(what)) throw new ProtocolError(`the guest said ${what} twice`);
      seen.add(what);
      switch (message.type) {
        case "stdin-closed":
          void stdin.cancel().catch(() => {});
          break;
        case "end":
          await outputs[message.stream].until(message.bytes);
          break;
        case "exit":
          if (!stdout.isWhole || !stderr.isWhole) {
            throw new ProtocolError("the guest said exit before the end of its output");
          }
          return "code" in message ? { code: message.code } : { signal: message.signal };
        case "failed":
          throw new Error(message.message);
        default:
          throw new ProtocolError(`the guest said ${message.type} while a command ran`);
      }
    }
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

function close(conn: Deno.UnixConn): void {
  try {
    conn.close();
  } catch {
    // closed already, as its other side was
  }
}
