// Runs one command on a remote host, by a process of OpenSSH's client.

import type { Stdio } from "../../io/ends.ts";
import { isFatal, type SignalName } from "../../libc/signals.ts";
import { RunnerError } from "../../model/errors.ts";
import { abandonAll } from "../contract/abandon_all.ts";
import type { Copier, RemoteFiles } from "../contract/copies.ts";
import { hasTerminal } from "../contract/has_terminal.ts";
import { readLink } from "../contract/chain_note.ts";
import type { CommandEnd, ExitStatus, OnPhase, Running } from "../contract/runner.ts";
import { fromShellStatus } from "../contract/shell_status.ts";
import { makeFolderArgv, remoteFiles, type RunProgram } from "../remote/copy_files.ts";
import { parseVerdict, retell } from "../remote/verdict.ts";
import { startTool } from "../local/host_process.ts";
import type { SshConnection } from "./connection.ts";
import type { SshExecvm } from "./remote_execvm.ts";
import type { Share } from "./shared_connection.ts";
import { filesPath, verdictPath } from "./remote_programs.ts";
import { streamSession } from "./session.ts";
import type { SshTarget } from "./ssh_argv.ts";
import { hasEnded, interpretExit, isAmbiguous, type SshEnd } from "./verdict.ts";

/** The files of a command on this machine and on the remote host. */
export interface SshPlace {
  /** The path of its note on the remote host. */
  readonly note: string;
  readonly socket: string;
  readonly log: string;
  /** The argv of the remote execvm; empty if none is needed. */
  readonly execvm: readonly string[];
  /** The private folder of the run on the remote host, if it has one. */
  readonly folder?: string | undefined;
}

/** The command to run. */
export interface SshRequest {
  /** Returns the argv of ssh. */
  toArgv(place: SshPlace): readonly string[];
  /** Whether the command has a terminal. */
  readonly tty: boolean;
  /** Called with each phase. */
  readonly onPhase: OnPhase | undefined;
  /** Provides the remote execvm, if one runs the command. */
  readonly execvm: SshExecvm | undefined;
  /**
   * Whether the command is a chain that reports, in the file of the verdict, which of its commands
   * runs.
   */
  readonly tellsLink: boolean;
  /** Copies files, if there are any to copy. */
  readonly copier: Copier | undefined;
  /** Whether the run has a private folder. */
  readonly hasFolder: boolean;
  /** The host, for the programs that copy. */
  readonly target: SshTarget;
}

/** How long ssh has to end once its command was killed, in milliseconds. */
const KILL_MS = 500;

/** How long a remote execvm has to print its version, in milliseconds. */
const PROBE_MS = 10_000;

/**
 * Starts a command on the remote host, once there is a connection. Takes ownership of the ends of
 * `stdio`, which ssh gets directly.
 *
 * @param take gets a share in a connection
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
  /** Aborted by a fatal signal, which ends the command at once if it has not started. */
  readonly #ending = new AbortController();
  /** Aborted by a fatal signal that arrives while files are copied. */
  #copying = this.#ending;
  /** The last fatal signal that we sent. */
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
    if (given === "SIGWINCH" && tty) return; // ssh passes on the new size, which causes it
    // The remote group leads a session, so it is orphaned, and the kernel ignores its SIGTSTP.
    const signal = given === "SIGTSTP" && execvm === undefined ? "SIGSTOP" : given;
    if (isFatal(signal)) {
      this.#fatal = signal;
      this.#ending.abort();
      this.#copying.abort();
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
    const files = remoteFiles((...program) => this.#runProgram(...program), this.#folder);
    const end = await this.#runCommand(stdio, files);
    if (this.#argv.length === 0) return end; // it was killed before it started
    this.#copying = new AbortController(); // a signal that has ended the command is over
    try {
      await this.#request.copier?.copyOut(files, end);
    } catch (error) {
      if (!this.#copying.signal.aborted) throw error;
      return { signal: this.#fatal! };
    }
    return end;
  }

  async #runCommand(stdio: Stdio, files: RemoteFiles): Promise<CommandEnd> {
    this.#request.onPhase?.("connecting");
    try {
      await this.#prepare();
      await this.#copyIn(files);
      this.#ending.signal.throwIfAborted();
    } catch (error) {
      await abandonAll(stdio);
      if (this.#fatal !== undefined) return { signal: this.#fatal };
      throw error;
    }
    this.#request.onPhase?.("running");
    this.#tool = await this.#start(stdio);
    if (this.#fatal !== undefined) void this.#send(this.#fatal); // it arrived during the start
    const status = await this.#tool.exited;
    this.#isOver = true;
    clearTimeout(this.#killing);
    if (this.#request.execvm !== undefined) return await this.#hear(status, this.#request.execvm);
    const end = isAmbiguous(status)
      ? await this.#interpretExit(status)
      : fromShellStatus(status.code!);
    return end.code === 0 ? end : { ...end, ...await this.#link() };
  }

  /** The private folder of the run; the keeper removes it with the note. */
  get #folder(): string {
    return filesPath(`${this.#connection.remoteFolder}/${this.#name}`);
  }

  async #copyIn(files: RemoteFiles): Promise<void> {
    const { copier, hasFolder } = this.#request;
    if (hasFolder) await this.#runProgram(makeFolderArgv(this.#folder), {});
    await copier?.copyIn(files);
  }

  /** Runs a program that copies; a signal that ends the run ends it. */
  readonly #runProgram: RunProgram = (argv, streams) => {
    const signal = this.#copying.signal;
    const session = { target: this.#request.target, connection: this.#connection, signal };
    return streamSession(session, argv, streams);
  };

  /** Returns the number of the command of a chain that ran last. */
  async #link(): Promise<{ readonly link?: number }> {
    if (!this.#request.tellsLink) return {};
    return readLink(await this.#connection.ask(verdictPath(this.#name)));
  }

  /**
   * Waits for the connection and the remote execvm.
   *
   * @throws also if the command is killed meanwhile.
   */
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
    const { toArgv, tty, hasFolder } = this.#request;
    const folder = hasFolder ? this.#folder : undefined;
    const note = `${remoteFolder}/${this.#name}`;
    this.#argv = toArgv({ note, socket, log: this.#log, execvm: this.#execvm, folder });
    const terminal = tty && !hasTerminal(stdio) ? "raw" : false; // ssh itself uses ours
    const rest = { env: {}, cwd: undefined, terminal, isDeaf: !tty } as const;
    const tool = { runner: "ssh", argv: this.#argv, ...rest };
    return await startTool(tool, stdio);
  }

  /** Returns the status that the remote execvm reported; it reports nothing for exit code 0. */
  async #hear(status: ExitStatus, execvm: SshExecvm): Promise<CommandEnd> {
    if (status.code === 0) return status;
    const verdict = parseVerdict(await this.#connection.ask(verdictPath(this.#name)) ?? "");
    if (verdict === undefined) return await this.#interpretSilence(status, execvm);
    if (!("failure" in verdict)) return verdict;
    const { phase, consoleTail } = verdict.failure;
    const fact = retell(verdict.failure, this.#execvm);
    const message = `cannot run on the remote host: execvm there reports: ${fact}`;
    throw this.#failure(message, phase, consoleTail);
  }

  /**
   * Handles a missing report: the remote execvm was killed or cannot run, or the connection was
   * lost.
   */
  async #interpretSilence(status: ExitStatus, execvm: SshExecvm): Promise<ExitStatus> {
    const { code } = status;
    const note = await this.#connection.ask(this.#name);
    if (this.#fatal !== undefined || !hasEnded(note)) return await this.#interpretExit(status);
    const waiting = { connection: this.#connection, signal: AbortSignal.timeout(PROBE_MS) };
    const fact = await execvm.whySilent(this.#execvm, code, waiting);
    throw this.#failure(`cannot run on the remote host: ${fact}`, "run", "");
  }

  async #interpretExit(status: ExitStatus): Promise<ExitStatus> {
    const note = await this.#connection.ask(this.#name);
    const said = await Deno.readTextFile(this.#log).catch(() => "");
    const words = said === "" ? this.#connection.words : said;
    const end: SshEnd = { status, note, fatal: this.#fatal, words };
    const verdict = interpretExit(end);
    if ("exitCode" in verdict) return fromShellStatus(verdict.exitCode);
    await this.#connection.send("end", this.#name, "SIGKILL"); // it has lost its stdio
    if ("signal" in verdict) return verdict;
    throw this.#failure(`cannot run by ssh: ${verdict.failure}`, "run", words);
  }

  #failure(message: string, phase: string, consoleTail: string): RunnerError {
    return new RunnerError(message, { runner: "ssh", phase, argv: this.#argv, consoleTail });
  }

  /** Sends the command a signal. Kills ssh if that cannot be sent, or some time after a SIGKILL. */
  async #send(signal: SignalName): Promise<void> {
    const order = isFatal(signal) ? "end" : "tell";
    const isSent = await this.#connection.send(order, this.#name, signal);
    if (this.#isOver || isSent && signal !== "SIGKILL") return;
    this.#killing ??= setTimeout(() => this.#tool?.kill("SIGKILL"), isSent ? KILL_MS : 0);
  }
}
