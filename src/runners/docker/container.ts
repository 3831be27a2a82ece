// Runs one command in its own container, by a process of docker's command line.

import { killWithUs } from "../../host/watchdog.ts";
import type { Stdio } from "../../io/ends.ts";
import { ownEnvironment } from "../../libc/environment.ts";
import { isFatal, type SignalName } from "../../libc/signals.ts";
import { RunnerError } from "../../model/errors.ts";
import { hasTerminal } from "../contract/has_terminal.ts";
import { RelayedStderr } from "../contract/relayed_stderr.ts";
import type { CommandEnd, ExitStatus, OnPhase, Running } from "../contract/runner.ts";
import { fromShellStatus } from "../contract/shell_status.ts";
import { readLink } from "../contract/chain_note.ts";
import { VerdictRelay } from "../contract/verdict_relay.ts";
import { startTool } from "../local/host_process.ts";
import { EngineContainer } from "./engine.ts";
import { removeContainer } from "./removal.ts";
import { interpretExit, isAmbiguous, OWN_WORDS } from "./verdict.ts";

/** The container to run. */
export interface ContainerRequest {
  /** The argv of `docker run`. */
  readonly argv: readonly string[];
  /** The name that it gives the container, unique. */
  readonly name: string;
  /** Whether the command has a terminal. */
  readonly tty: boolean;
  /** Called with each phase; if set, the engine is watched for the start. */
  readonly onPhase: OnPhase | undefined;
  /** The token of the marked lines by which a chain reports which of its commands runs. */
  readonly chainToken?: string | undefined;
  /** The container, if it exists already and stays; `argv` then starts it. */
  readonly container?: EngineContainer;
}

/** How long docker has to end once its container was killed, in milliseconds. */
const KILL_MS = 2000;

/** How long the reader of stderr has once the command was killed, in milliseconds. */
const UNREAD_MS = 500;

/** Variables by which docker, podman and the ssh that they use find the engine. */
const ENGINE_VARIABLES = /^(PATH|HOME|DOCKER_.*|CONTAINER.*|XDG_.*|SSH_AUTH_SOCK)$/;

/**
 * Starts a container. Takes ownership of the ends of `stdio`. Docker gets stdin and stdout
 * directly; stderr is relayed, because docker writes its own messages there too.
 *
 * @throws {RunnerError} if docker cannot be started.
 */
export async function startContainer(request: ContainerRequest, stdio: Stdio): Promise<Running> {
  const { argv, name, tty, chainToken } = request;
  const container = request.container ?? new EngineContainer(argv[0]!, name);
  const cleanup = killWithUs({ command: ["env", ...engineVariables(), ...container.removal] });
  const relay = chainToken === undefined ? undefined : new VerdictRelay(stdio.stderr, chainToken);
  const stderr = tty ? undefined : new RelayedStderr(relay?.end ?? stdio.stderr, OWN_WORDS);
  const terminal = tty && !hasTerminal(stdio) ? "raw" : false; // docker itself uses ours
  const process = { runner: "docker", argv, env: {}, cwd: undefined, terminal } as const;
  if (request.container === undefined) {
    request.onPhase?.("creating", "docker creates the container");
  }
  try {
    const docker = await startTool(process, { ...stdio, stderr: stderr?.end ?? stdio.stderr });
    return new RunningContainer(request, container, { docker, stderr, relay, cleanup });
  } catch (error) {
    cleanup[Symbol.dispose]();
    await stderr?.close("drop");
    await relay?.done;
    throw error;
  }
}

/** The resources of a running container on this machine. */
interface Local {
  readonly docker: Running;
  readonly stderr: RelayedStderr | undefined;
  /** Filters the reports of a chain out of stderr, if it makes any. */
  readonly relay: VerdictRelay | undefined;
  /** Cancels the removal of the container in case this process is killed. */
  readonly cleanup: Disposable;
}

class RunningContainer implements Running {
  readonly exited: Promise<CommandEnd>;
  /** Docker passes on the signals that it gets, unless the command has the terminal. */
  readonly hearsTerminal: boolean;
  readonly #request: ContainerRequest;
  readonly #container: EngineContainer;
  readonly #local: Local;
  /** The first fatal signal that we sent. */
  #fatal: SignalName | undefined;
  #killing: Promise<void> | undefined;
  /** Aborted when it has ended. */
  readonly #over = new AbortController();
  readonly #told: Promise<void>;
  #dropping: ReturnType<typeof setTimeout> | undefined;
  /** Whether docker has ended, and whether all of its stderr has been passed on. */
  #hasEnded = false;
  #isPassedOn = false;

  constructor(request: ContainerRequest, container: EngineContainer, local: Local) {
    this.#request = request;
    this.#container = container;
    this.#local = local;
    this.hearsTerminal = !request.tty && local.docker.hearsTerminal === true;
    this.#told = this.#tellStart(request.onPhase);
    this.exited = this.#run().finally(() => {
      this.#isPassedOn = true;
      clearTimeout(this.#dropping);
    });
  }

  kill(signal: SignalName): void | Promise<void> {
    if (signal === "SIGKILL" && !this.#isPassedOn) this.#limitStderr();
    // With a terminal docker passes on the new size, and the kernel there sends this signal.
    if (this.#hasEnded || signal === "SIGWINCH" && this.#request.tty) return;
    if (isFatal(signal)) this.#fatal ??= signal;
    if (signal === "SIGKILL") this.#killing ??= this.#killOutright();
    else if (signal === "SIGSTOP" || this.#request.tty) return this.#signal(signal);
    else return this.#local.docker.kill(signal); // it forwards what it can catch
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exited.catch(() => {});
    await this.#killing;
    await this.#told;
    await this.#local.docker[Symbol.asyncDispose]();
  }

  async #run(): Promise<CommandEnd> {
    const status = await this.#untilEnd();
    return { ...status, ...readLink(this.#local.relay?.heard) };
  }

  async #untilEnd(): Promise<ExitStatus> {
    const { docker, stderr, cleanup } = this.#local;
    const status = await docker.exited;
    this.#hasEnded = true;
    this.#over.abort();
    await stderr?.finish();
    const end = { status, words: stderr?.tail, fatal: this.#fatal };
    // Docker itself ends with other codes if it cannot start a container that exists.
    const isKept = this.#request.container !== undefined;
    if (!isKept && !isAmbiguous(end)) {
      cleanup[Symbol.dispose]();
      await this.#close("show");
      return fromShellStatus(status.code!);
    }
    const verdict = interpretExit(end, await this.#container.fate());
    const isOver = isKept || "exitCode" in verdict || await this.#remove(end);
    if (isOver) cleanup[Symbol.dispose]();
    await this.#close("exitCode" in verdict ? "show" : "drop");
    if ("failure" in verdict) throw this.#failure(verdict.failure, end.words);
    return "signal" in verdict ? verdict : fromShellStatus(verdict.exitCode);
  }

  /** Shows or drops docker's last message, then closes stderr. */
  async #close(words: "show" | "drop"): Promise<void> {
    const { stderr, relay } = this.#local;
    await stderr?.close(words);
    await relay?.done;
  }

  /** After a kill, limits the time that the end waits for a reader of stderr that does not read. */
  #limitStderr(): void {
    const { stderr, relay } = this.#local;
    this.#dropping ??= setTimeout(() => {
      stderr?.drop();
      relay?.drop();
    }, UNREAD_MS);
  }

  async #tellStart(onPhase: OnPhase | undefined): Promise<void> {
    if (onPhase === undefined) return;
    const { signal } = this.#over;
    if (await this.#container.hasStarted(signal) && !signal.aborted) onPhase("running");
  }

  /** Removes a container that docker may have left; returns whether it is certainly gone. */
  #remove({ status, fatal }: { status: ExitStatus; fatal: SignalName | undefined }) {
    const wasEnded = fatal !== undefined || status.signal !== undefined;
    return removeContainer(this.#container, wasEnded ? "may come" : "is absent");
  }

  /**
   * Sends a signal that docker does not forward to the command by the engine, or to docker if that
   * fails.
   */
  async #signal(signal: SignalName): Promise<void> {
    const isTold = await this.#container.kill(signal);
    if (!isTold && !this.#hasEnded) this.#local.docker.kill(signal);
  }

  /**
   * Sends SIGKILL, which docker's command line cannot forward: by the engine, then to docker
   * itself.
   */
  async #killOutright(): Promise<void> {
    const { docker } = this.#local;
    const isTold = await this.#container.kill("SIGKILL");
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, isTold ? KILL_MS : 0);
    await Promise.race([docker.exited, late]);
    clearTimeout(timer);
    if (!this.#hasEnded) docker.kill("SIGKILL");
  }

  #failure(fact: string, words = ""): RunnerError {
    return new RunnerError(`cannot run in a container: ${fact}`, {
      runner: "docker",
      phase: "run",
      argv: this.#request.argv,
      consoleTail: words,
    });
  }
}

/** Returns the variables by which the engine is found, each as NAME=VALUE. */
export function engineVariables(): readonly string[] {
  return Object.entries(ownEnvironment())
    .filter(([name]) => ENGINE_VARIABLES.test(name)).map(([name, value]) => `${name}=${value}`);
}
