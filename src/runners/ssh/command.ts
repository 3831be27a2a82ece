// One command at the far side of an ssh connection. Its process here is OpenSSH's client.

import type { Stdio } from "../../io/ends.ts";
import { isFatal, type SignalName } from "../../libc/signals.ts";
import { RunnerError } from "../../model/errors.ts";
import { abandonAll } from "../contract/abandon_all.ts";
import { hasTerminal } from "../contract/has_terminal.ts";
import { readLink } from "../contract/chain_note.ts";
import type { CommandEnd, ExitStatus, OnPhase, Running } from "../contract/runner.ts";
import { fromShellStatus } from "../contract/shell_status.ts";
import { parseVerdict, retell } from "../remote/verdict.ts";
import { startTool } from "../local/host_process.ts";
import type { SshConnection } from "./connection.ts";
import type { SshExecvm } from "./remote_execvm.ts";
import type { Share } from "./shared_connection.ts";
import { verdictPath } from "./remote_programs.ts";
import { hasEnded, interpretExit, isAmbiguous, type SshEnd } from "./verdict.ts";

/** Where a command is, here and over there. */
export interface SshPlace {
  /** The path of the far side's note. */
  readonly note: string;
  readonly socket: string;
  readonly log: string;
  /** The argv of the execvm over there; empty where none is needed. */
  readonly execvm: readonly string[];
}

/** The command to run. */
export interface SshRequest {
  /** The argv of ssh, once it is known where all is. */
  toArgv(place: SshPlace): readonly string[];
  /** Whether the command has a terminal. */
  readonly tty: boolean;
  /** Is told of its phases. */
  readonly onPhase: OnPhase | undefined;
  /** What has an execvm over there, if it is one that runs the command. */
  readonly execvm: SshExecvm | undefined;
  /** Whether a chain tells in the place of a verdict which of its commands runs. */
  readonly tellsLink: boolean;
}

/** Milliseconds that ssh has to end once its command was killed. */
const KILL_MS = 500;

/** Milliseconds that an execvm has to say why it is of no use. */
const PROBE_MS = 10_000;

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
  readonly exited: Promise<CommandEnd>;
  readonly #name = crypto.randomUUID();
  readonly #request: SshRequest;
  readonly #share: Share;
  readonly #connection: SshConnection;
  readonly #log: string;
  /** Aborted when the command is to end, which it does at once if it has not started. */
  readonly #ending = new AbortController();
  /** The last signal from us that was to end it. */
  #fatal: SignalName | undefined;
  #execvm: readonly string[] = [];
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

  kill(given: SignalName): void | Promise<void> {
    const { tty, execvm } = this.#request;
    if (given === "SIGWINCH" && tty) return; // it comes with a new size, of which ssh tells
    // The kernel stops nothing by SIGTSTP whose leader leads a session, as there.
    const signal = given === "SIGTSTP" && execvm === undefined ? "SIGSTOP" : given;
    if (isFatal(signal)) {
      this.#fatal = signal;
      this.#ending.abort();
    }
    if (this.#tool !== undefined) return this.#send(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exited.catch(() => {});
    await this.#connection.forget(this.#name);
    await Deno.remove(this.#log).catch(() => {});
    await this.#tool?.[Symbol.asyncDispose]();
    await this.#share[Symbol.asyncDispose]();
  }

  async #run(stdio: Stdio): Promise<CommandEnd> {
    this.#request.onPhase?.("connecting");
    try {
      await this.#prepare();
    } catch (error) {
      await abandonAll(stdio);
      if (this.#fatal !== undefined) return { signal: this.#fatal };
      throw error;
    }
    this.#request.onPhase?.("running");
    this.#tool = await this.#start(stdio);
    if (this.#fatal !== undefined) void this.#send(this.#fatal); // it came while ssh was started
    const status = await this.#tool.exited;
    this.#isOver = true;
    clearTimeout(this.#killing);
    if (this.#request.execvm !== undefined) return await this.#hear(status, this.#request.execvm);
    const end = isAmbiguous(status)
      ? await this.#interpretExit(status)
      : fromShellStatus(status.code!);
    return end.code === 0 ? end : { ...end, ...await this.#link() };
  }

  /** Which command of a chain ran last. */
  async #link(): Promise<{ readonly link?: number }> {
    if (!this.#request.tellsLink) return {};
    return readLink(await this.#connection.ask(verdictPath(this.#name)));
  }

  /** All that it takes before the command can be started. @throws when it is to end. */
  async #prepare(): Promise<void> {
    const { signal } = this.#ending;
    const { promise: ended, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    await Promise.race([this.#connection.ready, ended]);
    const { onPhase, execvm } = this.#request;
    this.#execvm = await execvm?.find({ connection: this.#connection, onPhase, signal }) ?? [];
  }

  async #start(stdio: Stdio): Promise<Running> {
    const { remoteFolder, socket } = this.#connection;
    const { toArgv, tty } = this.#request;
    const note = `${remoteFolder}/${this.#name}`;
    this.#argv = toArgv({ note, socket, log: this.#log, execvm: this.#execvm });
    const terminal = tty && !hasTerminal(stdio) ? "raw" : false; // ssh lends one that is there by itself
    const rest = { env: {}, cwd: undefined, terminal, isDeaf: !tty } as const;
    const tool = { runner: "ssh", argv: this.#argv, ...rest };
    return await startTool(tool, stdio);
  }

  /** What the execvm over there tells; of a success it says nothing. */
  async #hear(status: ExitStatus, execvm: SshExecvm): Promise<CommandEnd> {
    if (status.code === 0) return status;
    const verdict = parseVerdict(await this.#connection.ask(verdictPath(this.#name)) ?? "");
    if (verdict === undefined) return await this.#interpretSilence(status, execvm);
    if (!("failure" in verdict)) return verdict;
    const { phase, consoleTail } = verdict.failure;
    const message = `Cannot run over there as it says: ${retell(verdict.failure, this.#execvm)}`;
    throw this.#failure(message, phase, consoleTail);
  }

  /** It has been killed, or does not run at all, or the connection has broken. */
  async #interpretSilence(status: ExitStatus, execvm: SshExecvm): Promise<ExitStatus> {
    const { code } = status;
    const note = await this.#connection.ask(this.#name);
    if (this.#fatal !== undefined || !hasEnded(note)) return await this.#interpretExit(status);
    const waiting = { connection: this.#connection, signal: AbortSignal.timeout(PROBE_MS) };
    const fact = await execvm.whySilent(this.#execvm, code, waiting);
    throw this.#failure(`Cannot run over there as ${fact}`, "run", "");
  }

  async #interpretExit(status: ExitStatus): Promise<ExitStatus> {
    const note = await this.#connection.ask(this.#name);
    const said = await Deno.readTextFile(this.#log).catch(() => "");
    const words = said === "" ? this.#connection.words : said;
    const end: SshEnd = { status, note, fatal: this.#fatal, words };
    const verdict = interpretExit(end);
    if ("exitCode" in verdict) return fromShellStatus(verdict.exitCode);
    await this.#connection.send("end", this.#name, "SIGKILL"); // nobody is connected to it any more
    if ("signal" in verdict) return verdict;
    throw this.#failure(`Cannot run by ssh as ${verdict.failure}`, "run", words);
  }

  #failure(message: string, phase: string, consoleTail: string): RunnerError {
    return new RunnerError(message, { runner: "ssh", phase, argv: this.#argv, consoleTail });
  }

  /** Sends the command a signal; without a connection, and after a while, ssh is ended itself. */
  async #send(signal: SignalName): Promise<void> {
    const order = isFatal(signal) ? "end" : "tell";
    const isSent = await this.#connection.send(order, this.#name, signal);
    if (this.#isOver || isSent && signal !== "SIGKILL") return;
    this.#killing ??= setTimeout(() => this.#tool?.kill("SIGKILL"), isSent ? KILL_MS : 0);
  }
}
