// One command at the far side of an ssh connection. Its process here is OpenSSH's client.

import { RunnerError } from "../errors.ts";
import { isFatal, type SignalName } from "../libc/signals.ts";
import type { SshConnection } from "../ssh/connection.ts";
import type { Share } from "../ssh/shared_connection.ts";
import { isAmbiguous, judge, type SshEnd } from "../ssh/verdict.ts";
import { abandonAll } from "./abandon_all.ts";
import { hasTerminal } from "./has_terminal.ts";
import { startTool } from "./host_process.ts";
import type { ExitStatus, Running, Stdio, TellPhase } from "./runner.ts";
import { fromShellStatus } from "./shell_status.ts";

/** The command to run. */
export interface SshRequest {
  /** The argv of ssh, once the connection is known. @param note the path of the far side's note */
  toArgv(note: string, files: { readonly socket: string; readonly log: string }): readonly string[];
  /** Whether the command has a terminal. */
  readonly tty: boolean;
  /** Is told of its phases. */
  readonly tell: TellPhase | undefined;
}

/** Milliseconds that ssh has to end once its command was killed. */
const KILL_MS = 500;

/**
 * Starts a command at the far side, once there is a connection. It takes over the ends of `stdio`; ssh
 * gets them as they are. @param take gets a share in a connection
 *
 * @throws {RunnerError} if ssh cannot be started.
 */
export async function startOverSsh(
  request: SshRequest,
  take: () => Share,
  stdio: Stdio,
): Promise<Running> {
  try {
    return new SshCommand(request, take(), stdio);
  } catch (error) {
    await abandonAll(stdio);
    throw error;
  }
}

class SshCommand implements Running {
  readonly exited: Promise<ExitStatus>;
  readonly #name = crypto.randomUUID();
  readonly #request: SshRequest;
  readonly #share: Share;
  readonly #connection: SshConnection;
  readonly #log: string;
  /** Resolves when the command is to end, which it does at once if it has not started. */
  readonly #ending = Promise.withResolvers<void>();
  /** The last signal from us that was to end it. */
  #fatal: SignalName | undefined;
  #argv: readonly string[] = [];
  #tool: Running | undefined;
  #isOver = false;
  #killing: ReturnType<typeof setTimeout> | undefined;

  constructor(request: SshRequest, share: Share, stdio: Stdio) {
    this.#request = request;
    this.#share = share;
    this.#connection = share.connection;
    this.#log = `${this.#connection.folder}/${this.#name}`;
    this.exited = this.#run(stdio);
  }

  kill(signal: SignalName): void {
    if (isFatal(signal)) {
      this.#fatal = signal;
      this.#ending.resolve();
    }
    if (this.#tool !== undefined) void this.#send(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exited.catch(() => {});
    await this.#connection.forget(this.#name);
    await Deno.remove(this.#log).catch(() => {});
    await this.#tool?.[Symbol.asyncDispose]();
    await this.#share[Symbol.asyncDispose]();
  }

  async #run(stdio: Stdio): Promise<ExitStatus> {
    this.#request.tell?.("connecting");
    try {
      await Promise.race([this.#connection.ready, this.#ending.promise]);
    } catch (error) {
      await abandonAll(stdio);
      throw error;
    }
    if (this.#fatal !== undefined) {
      await abandonAll(stdio);
      return { signal: this.#fatal };
    }
    this.#request.tell?.("running");
    this.#tool = await this.#start(stdio);
    if (this.#fatal !== undefined) void this.#send(this.#fatal); // it came while ssh was started
    const status = await this.#tool.exited;
    this.#isOver = true;
    clearTimeout(this.#killing);
    return isAmbiguous(status) ? await this.#judge(status) : fromShellStatus(status.code!);
  }

  async #start(stdio: Stdio): Promise<Running> {
    const { farFolder, socket } = this.#connection;
    const { toArgv, tty } = this.#request;
    this.#argv = toArgv(`${farFolder}/${this.#name}`, { socket, log: this.#log });
    const terminal = tty && !hasTerminal(stdio) ? "raw" : false; // ssh lends one that is there by itself
    const tool = { runner: "ssh", argv: this.#argv, env: {}, cwd: undefined, terminal } as const;
    return await startTool(tool, stdio);
  }

  async #judge(status: ExitStatus): Promise<ExitStatus> {
    const note = await this.#connection.ask(this.#name);
    const said = await Deno.readTextFile(this.#log).catch(() => "");
    const words = said === "" ? this.#connection.words : said;
    const end: SshEnd = { status, note, fatal: this.#fatal, words };
    const verdict = judge(end);
    if ("exitCode" in verdict) return fromShellStatus(verdict.exitCode);
    await this.#connection.send("end", this.#name, "SIGKILL"); // nobody is connected to it any more
    if ("signal" in verdict) return verdict;
    throw new RunnerError(`Cannot run by ssh as ${verdict.failure}`, {
      runner: "ssh",
      phase: "run",
      argv: this.#argv,
      consoleTail: words,
    });
  }

  /** Sends the command a signal; without a connection, and after a while, ssh is ended itself. */
  async #send(signal: SignalName): Promise<void> {
    const order = isFatal(signal) ? "end" : "tell";
    const isSent = await this.#connection.send(order, this.#name, signal);
    if (this.#isOver || isSent && signal !== "SIGKILL") return;
    this.#killing ??= setTimeout(() => this.#tool?.kill("SIGKILL"), isSent ? KILL_MS : 0);
  }
}
