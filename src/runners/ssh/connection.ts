// A connection to a host that commands share.

import { kill, killTree } from "../../host/process_tree.ts";
import { toolArgv } from "../../host/program_path.ts";
import { tellProgramStart } from "../../host/program_starts.ts";
import { makeTempFolder } from "../../host/temp_folder.ts";
import { startWithUs } from "../../host/watchdog.ts";
import { findLibc } from "../../libc/libc.ts";
import type { SignalName } from "../../libc/signals.ts";
import { hasControllingTerminal } from "../../libc/terminal.ts";
import { RunnerError } from "../../model/errors.ts";
import { keeperArgv, orderName } from "./remote_programs.ts";
import { LineReader } from "./line_reader.ts";
import { connectArgv, type SshTarget } from "./ssh_argv.ts";
import { explainConnect } from "./verdict.ts";

/**
 * Starts ssh in our terminal's group with its signals ignored: execvm passes them on to the
 * commands.
 */
const DEAF = ["sh", "-c", 'trap "" INT QUIT TSTP; exec "$@"', "sh"] as const;

/** sh(1): there is no such command. */
const NOT_FOUND = 127;

/** How long ssh has to end by itself when the connection is closed, in milliseconds. */
const CLOSE_MS = 2000;

/**
 * A process of ssh with a connection to a host, and the keeper program that runs there. It ends
 * when disposed or when this process ends, and commands that still run then are killed. It does not
 * keep this process alive.
 */
export class SshConnection implements AsyncDisposable {
  /** Resolves once commands can share it. Rejects with a `RunnerError` if connecting fails. */
  readonly ready: Promise<void>;
  /** The folder of its files on this machine; the path is short, because sockets require that. */
  readonly folder: string;
  /** The folder of its notes on the remote host. */
  readonly remoteFolder = `/tmp/execvm-${crypto.randomUUID()}`;
  readonly #argv: readonly string[];
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: LineReader;
  readonly #cleanup: readonly Disposable[];
  /** Whether it leads a group; with a terminal it does not, so that it can ask for a passphrase. */
  readonly #leads = findLibc() === undefined || !hasControllingTerminal();
  readonly #over: Promise<void>;
  #isOpen = true;
  #waiting = 0;
  #words = "";

  /** Begins to connect. @throws {RunnerError} if ssh cannot be started. */
  constructor(target: SshTarget) {
    const { path, cleanup: folderCleanup } = makeTempFolder({ dir: "/tmp", prefix: "execvm-ssh-" });
    this.folder = path;
    const files = { socket: this.socket, log: `${this.folder}/log` };
    this.#argv = connectArgv(target, files, keeperArgv(this.remoteFolder));
    tellProgramStart("ssh", this.#argv);
    const { started, cleanup } = startWithUs(
      () => this.#start(),
      ({ pid }) => this.#leads ? { group: pid } : { process: pid },
    );
    this.#child = started;
    this.#cleanup = [cleanup, folderCleanup];
    this.#child.unref();
    this.#orders = this.#child.stdin.getWriter();
    this.#answers = new LineReader(this.#child.stdout);
    this.#over = this.#child.status.then(() => this.#cleanUp());
    this.ready = this.#greet();
    this.ready.catch(() => {}); // the commands that wait for it get the error
  }

  /** Whether commands may still share it, as far as is known. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The log of ssh, once it has ended. */
  get words(): string {
    return this.#words;
  }

  /** The path of its socket. */
  get socket(): string {
    return `${this.folder}/socket`;
  }

  /**
   * Sends a signal to a command's process group; returns whether the order was written.
   *
   * @param order with `end`, a command that has not started yet will not start; `tell` then does
   * nothing
   */
  async send(order: "end" | "tell", name: string, signal: SignalName): Promise<boolean> {
    return await this.#order(`${order} ${name} ${orderName(signal)}`);
  }

  /** Returns a command's note on the remote host; `undefined` without an answer. */
  async ask(name: string): Promise<string | undefined> {
    const answer = this.#nextAnswer();
    return await this.#order(`ask ${name}`) ? await answer : undefined;
  }

  /** Removes the note of a command that has ended. */
  async forget(name: string): Promise<void> {
    await this.#order(`forget ${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    this.#child.ref();
    await this.#orders.close().catch(() => {});
    const timer = setTimeout(() => this.#kill(), CLOSE_MS);
    await this.#over;
    clearTimeout(timer);
  }

  /** Kills ssh while it still connects. */
  async giveUp(): Promise<void> {
    this.#kill();
    await this[Symbol.asyncDispose]();
  }

  #start(): Deno.ChildProcess {
    const [program, ...args] = toolArgv(this.#leads ? this.#argv : [...DEAF, ...this.#argv]);
    const command = new Deno.Command(program!, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      detached: this.#leads,
    });
    try {
      return command.spawn();
    } catch (cause) {
      Deno.removeSync(this.folder, { recursive: true });
      const fact = cause instanceof Deno.errors.NotFound ? "there is no such command" : `${cause}`;
      const message = `cannot run ${JSON.stringify(this.#argv[0])}: ${fact}`;
      throw new RunnerError(message, { runner: "ssh", phase: "start", argv: this.#argv, cause });
    }
  }

  /**
   * Waits until the keeper prints its folder; anything that the login shell prints before is
   * skipped.
   */
  async #greet(): Promise<void> {
    let line: string | undefined;
    do line = await this.#nextAnswer(); while (line?.endsWith(this.remoteFolder) === false);
    if (line !== undefined) return;
    this.#isOpen = false;
    this.#kill();
    await this.#over;
    const isMissing = !this.#leads && (await this.#child.status).code === NOT_FOUND;
    const fact = isMissing
      ? "there is no such command"
      : `ssh reports: ${explainConnect(this.#words)}`;
    throw new RunnerError(`cannot connect by ssh: ${fact}`, {
      runner: "ssh",
      phase: "connect",
      argv: this.#argv,
      consoleTail: this.#words,
    });
  }

  /** Waits for a line of the keeper; meanwhile this process is kept alive. */
  async #nextAnswer(): Promise<string | undefined> {
    if (this.#waiting++ === 0) this.#child.ref();
    const answer = await this.#answers.next();
    if (--this.#waiting === 0 && this.#isOpen) this.#child.unref();
    return answer;
  }

  async #order(line: string): Promise<boolean> {
    const bytes = new TextEncoder().encode(`${line}\n`);
    return await this.#orders.write(bytes).then(() => true, () => false);
  }

  #kill(): void {
    const { pid } = this.#child;
    if (this.#leads) kill(-pid, "SIGKILL");
    else killTree(pid, "SIGKILL");
  }

  async #cleanUp(): Promise<void> {
    this.#isOpen = false;
    this.#words = await Deno.readTextFile(`${this.folder}/log`).catch(() => "");
    for (const cleanup of this.#cleanup) cleanup[Symbol.dispose]();
    await this.#answers.cancel();
    await this.#orders.abort().catch(() => {});
    await Deno.remove(this.folder, { recursive: true }).catch(() => {});
  }
}
