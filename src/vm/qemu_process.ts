// A running QEMU: its process, its sockets, its folder. Whoever has it disposes it.

import { doom } from "../watchdog.ts";
import { CONSOLE_LOG, type MachineSpec, qemuArgv } from "./machine.ts";
import { MachineError } from "./machine_error.ts";
import { PORTS } from "./protocol.ts";

const TAIL_BYTES = 4096;

/** The connections to the ports of a guest. */
export type Connections = Readonly<Record<keyof typeof PORTS, Deno.UnixConn>>;

/** A QEMU process. Disposing it kills it, if it is still there, and removes its folder. */
export class QemuProcess implements AsyncDisposable {
  readonly argv: readonly string[];
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #stderr: Promise<string>;
  readonly #doomed: Disposable[];

  private constructor(
    argv: readonly string[],
    child: Deno.ChildProcess,
    folder: string,
    doomed: Disposable[],
  ) {
    this.argv = argv;
    this.#child = child;
    this.#folder = folder;
    this.#doomed = doomed;
    this.#stderr = new Response(child.stderr).text();
  }

  /**
   * Starts QEMU and waits until it has connected its ports.
   *
   * @throws {MachineError} if it is missing, or ends before that.
   */
  static async start(
    spec: Omit<MachineSpec, "folder">,
  ): Promise<{ process: QemuProcess; connections: Connections }> {
    const folder = await Deno.makeTempDir({ prefix: "execvm-" });
    const doomed = [doom({ path: folder })];
    const argv = qemuArgv({ ...spec, folder });
    const listeners = Object.keys(PORTS).map((id) =>
      Deno.listen({ transport: "unix", path: `${folder}/${id}` })
    );
    try {
      const child = spawn(argv);
      doomed.push(doom({ process: child.pid }));
      const process = new QemuProcess(argv, child, folder, doomed);
      const accepted = Promise.all(listeners.map((listener) => listener.accept()));
      accepted.catch(() => {}); // it fails when the listeners are closed
      const conns = await Promise.race([accepted, child.status.then(() => undefined)]);
      if (conns === undefined) {
        const failure = await process.failure(
          "start",
          "QEMU ended before it had started the machine",
        );
        await process[Symbol.asyncDispose]();
        throw failure;
      }
      const entries = Object.keys(PORTS).map((id, index) => [id, conns[index]]);
      return { process, connections: Object.fromEntries(entries) };
    } catch (error) {
      if (!(error instanceof MachineError)) await Deno.remove(folder, { recursive: true });
      throw error;
    } finally {
      for (const listener of listeners) listener.close();
    }
  }

  /** Resolves when it has ended. */
  get ended(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** Kills it at once. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended
    }
  }

  /** An error of this machine, with what its console showed last. */
  async failure(phase: string, message: string, cause?: unknown): Promise<MachineError> {
    const log = await Deno.readTextFile(`${this.#folder}/${CONSOLE_LOG}`).catch(() => "");
    this.kill();
    const stderr = await this.#stderr;
    const tail = `${log}${stderr}`.slice(-TAIL_BYTES).trimEnd();
    const shown = tail === "" ? message : `${message}:\n${tail.split("\n").slice(-8).join("\n")}`;
    return new MachineError(shown, phase, this.argv, tail, cause);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#child.status;
    await this.#stderr;
    await Deno.remove(this.#folder, { recursive: true });
    for (const item of this.#doomed) item[Symbol.dispose]();
  }
}

function spawn(argv: readonly string[]): Deno.ChildProcess {
  const [program, ...args] = argv;
  try {
    // In a session of its own: what is typed at our terminal is not meant for it.
    const options = { stdin: "null", stdout: "null", stderr: "piped", detached: true } as const;
    return new Deno.Command(program!, { args, ...options }).spawn();
  } catch (error) {
    const fact = error instanceof Deno.errors.NotFound
      ? "it is not installed: apt-get install qemu-system-x86"
      : (error as Error).message;
    throw new MachineError(`Cannot start ${program} as ${fact}`, "start", argv, "", error);
  }
}
