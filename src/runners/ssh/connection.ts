// A connection to a host, which commands share.

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

/** What starts ssh where it shares our terminal: what is typed there is for the commands, and they are told. */
const DEAF = ["sh", "-c", 'trap "" INT QUIT TSTP; exec "$@"', "sh"] as const;

/** sh(1): there is no such command. */
const NOT_FOUND = 127;

/** Milliseconds that ssh has to end by itself once nobody wants the connection. */
const CLOSE_MS = 2000;

/**
 * One ssh that is connected, and the program that it keeps at the far side. It ends when disposed, and
 * with this process; then so do the commands that still run. It does not keep this process from ending.
 */
export class SshConnection implements AsyncDisposable {
  /** Resolves once commands can share it. Rejects with a `RunnerError` if there is no connection. */
  readonly ready: Promise<void>;
  /** The folder of its files on this machine; its path is short, as those of sockets must be. */
  readonly folder: string;
  /** The folder of its notes at the far side. */
  readonly remoteFolder = `/tmp/execvm-${crypto.randomUUID()}`;
  readonly #argv: readonly string[];
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: LineReader;
  readonly #cleanup: readonly Disposable[];
  /** Whether it leads a group; under a terminal it does not, so that it can ask for a passphrase. */
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
    this.ready.catch(() => {}); // who waits for it is told
  }

  /** Whether commands may still share it, as far as is known. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What ssh has said of it, once it is over. */
  get words(): string {
    return this.#words;
  }

  /** The path of its socket. */
  get socket(): string {
    return `${this.folder}/socket`;
  }

  /** Sends a command's process group a signal; one that is to `end` it also if it has not started yet. */
  async send(order: "end" | "tell", name: string, signal: SignalName): Promise<boolean> {
    return await this.#order(`${order} ${name} ${orderName(signal)}`);
  }

  /** What the far side has noted of a command; `undefined` if it does not answer. */
  async ask(name: string): Promise<string | undefined> {
    const answer = this.#nextAnswer();
    return await this.#order(`ask ${name}`) ? await answer : undefined;
  }

  /** Has the far side drop its note of a command that has ended. */
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

  /** Ends it, if it is not connected yet. */
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
      const message = `Cannot run ${JSON.stringify(this.#argv[0])} as ${fact}`;
      throw new RunnerError(message, { runner: "ssh", phase: "start", argv: this.#argv, cause });
    }
  }

  /** The far side says where its folder is; whatever its shell says before is passed over. */
  async #greet(): Promise<void> {
    let line: string | undefined;
    do line = await this.#nextAnswer(); while (line?.endsWith(this.remoteFolder) === false);
    if (line !== undefined) return;
    this.#isOpen = false;
    this.#kill();
    await this.#over;
    const isMissing = !this.#leads && (await this.#child.status).code === NOT_FOUND;
    const fact = isMissing ? "there is no such command" : `it says: ${explainConnect(this.#words)}`;
    throw new RunnerError(`Cannot connect by ssh as ${fact}`, {
      runner: "ssh",
      phase: "connect",
      argv: this.#argv,
      consoleTail: this.#words,
    });
  }

  /** While somebody waits for an answer, this process does not end. */
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
