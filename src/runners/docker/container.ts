// One command in a container of its own. Its process here is docker's command line.

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
  /** The name it gives the container, used for no other. */
  readonly name: string;
  /** Whether the command has a terminal. */
  readonly tty: boolean;
  /** Is told of its phases, for which the engine is asked. */
  readonly onPhase: OnPhase | undefined;
  /** What a chain in it says first where it tells which of its commands runs. */
  readonly chainToken?: string | undefined;
}

/** Milliseconds that docker has to end once its container was killed. */
const KILL_MS = 2000;

/** Milliseconds that what reads its stderr has once the command was killed. */
const UNREAD_MS = 500;

/** Variables that tell docker, podman and their ssh where the engine is. */
const ENGINE_VARIABLES = /^(PATH|HOME|DOCKER_.*|CONTAINER.*|XDG_.*|SSH_AUTH_SOCK)$/;

/**
 * Starts a container. It takes over the ends of `stdio`; docker gets them as they are, but for stderr,
 * on which docker has words of its own.
 *
 * @throws {RunnerError} if docker cannot be started.
 */
export async function startContainer(request: ContainerRequest, stdio: Stdio): Promise<Running> {
  const { argv, name, tty, chainToken } = request;
  const container = new EngineContainer(argv[0]!, name);
  const cleanup = killWithUs({ command: ["env", ...engineVariables(), ...container.removal] });
  const relay = chainToken === undefined ? undefined : new VerdictRelay(stdio.stderr, chainToken);
  const stderr = tty ? undefined : new RelayedStderr(relay?.end ?? stdio.stderr, OWN_WORDS);
  const terminal = tty && !hasTerminal(stdio) ? "raw" : false; // docker lends one that is there by itself
  const process = { runner: "docker", argv, env: {}, cwd: undefined, terminal } as const;
  request.onPhase?.("creating", "docker makes the container");
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

/** What a running container has on this machine. */
interface Local {
  readonly docker: Running;
  readonly stderr: RelayedStderr | undefined;
  /** What stderr goes through if a chain tells what it runs. */
  readonly relay: VerdictRelay | undefined;
  /** Its place on the list of what is removed when we are killed. */
  readonly cleanup: Disposable;
}

class RunningContainer implements Running {
  readonly exited: Promise<CommandEnd>;
  /** What docker hears it passes on, unless the terminal is the command's. */
  readonly hearsTerminal: boolean;
  readonly #request: ContainerRequest;
  readonly #container: EngineContainer;
  readonly #local: Local;
  /** The first signal from us that was to end it. */
  #fatal: SignalName | undefined;
  #killing: Promise<void> | undefined;
  /** Aborted when it has ended. */
  readonly #over = new AbortController();
  readonly #told: Promise<void>;
  #dropping: ReturnType<typeof setTimeout> | undefined;
  /** Whether docker has ended, and whether all that it has said has found its way. */
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
    // On a terminal it comes with a new size, of which docker tells.
    if (this.#hasEnded || signal === "SIGWINCH" && this.#request.tty) return;
    if (isFatal(signal)) this.#fatal ??= signal;
    if (signal === "SIGKILL") this.#killing ??= this.#killOutright();
    else if (signal === "SIGSTOP" || this.#request.tty) return this.#signal(signal);
    else return this.#local.docker.kill(signal); // it passes on all that it can catch
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
    if (!isAmbiguous(end)) {
      cleanup[Symbol.dispose]();
      await this.#close("show");
      return fromShellStatus(status.code!);
    }
    const verdict = interpretExit(end, await this.#container.fate());
    const isOver = "exitCode" in verdict || await this.#remove(end);
    if (isOver) cleanup[Symbol.dispose]();
    await this.#close("exitCode" in verdict ? "show" : "drop");
    if ("failure" in verdict) throw this.#failure(verdict.failure, end.words);
    return "signal" in verdict ? verdict : fromShellStatus(verdict.exitCode);
  }

  /** Passes on what docker has said last, or not, and closes stderr. */
  async #close(words: "show" | "drop"): Promise<void> {
    const { stderr, relay } = this.#local;
    await stderr?.close(words);
    await relay?.done;
  }

  /** Has a command that was killed wait no longer than this for a reader that does not read. */
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

  /** Removes what docker has left of it; whether that is certain. */
  #remove({ status, fatal }: { status: ExitStatus; fatal: SignalName | undefined }) {
    const wasEnded = fatal !== undefined || status.signal !== undefined;
    return removeContainer(this.#container, wasEnded ? "may come" : "is absent");
  }

  /** Sends the command a signal that docker does not pass on; to docker, if there is no container yet. */
  async #signal(signal: SignalName): Promise<void> {
    const isTold = await this.#container.kill(signal);
    if (!isTold && !this.#hasEnded) this.#local.docker.kill(signal);
  }

  /** Docker's command line cannot catch this one: the engine is told, and then docker itself. */
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
    return new RunnerError(`Cannot run in a container as ${fact}`, {
      runner: "docker",
      phase: "run",
      argv: this.#request.argv,
      consoleTail: words,
    });
  }
}

/** What the engine is found by, as `env` takes it. */
function engineVariables(): readonly string[] {
  return Object.entries(ownEnvironment())
    .filter(([name]) => ENGINE_VARIABLES.test(name)).map(([name, value]) => `${name}=${value}`);
}
