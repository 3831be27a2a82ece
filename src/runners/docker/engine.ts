// Queries and controls the engine that runs a container, by short runs of docker's command line.

import { kill } from "../../host/process_tree.ts";
import { toolPath } from "../../host/program_path.ts";
import { startCommandWithUs } from "../../host/watchdog.ts";

/** How long a short command may take, in milliseconds. */
const LIMIT_MS = 5000;

/** The result of a short command. */
export interface EngineAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** What happened to a container, as far as the engine remembers. */
export interface ContainerFate {
  /** Whether it was created. */
  readonly isCreated: boolean;
  /** Whether it has been removed. */
  readonly isRemoved: boolean;
  /** The exit code of its command, if that has started and ended. */
  readonly exitCode?: number;
}

/**
 * One container of an engine, by its name. No method throws; without an engine they return negative
 * results.
 */
export class EngineContainer {
  readonly #binary: string;
  /** Its name. */
  readonly name: string;

  /** @param binary the program, such as `docker` @param name of the container, unique */
  constructor(binary: string, name: string) {
    this.#binary = binary;
    this.name = name;
  }

  /** The argv that removes it, even if it runs. */
  get removal(): readonly string[] {
    return [this.#binary, "rm", "-f", this.name];
  }

  /** Sends it a signal; returns whether the engine delivered that. */
  async kill(signal: string): Promise<boolean> {
    return (await this.ask("kill", "-s", signal, this.name)).ok;
  }

  /** Removes it, even if it runs. */
  async remove(): Promise<void> {
    await this.ask("rm", "-f", this.name);
  }

  /** Returns what happened to it; `undefined` if the engine does not answer. */
  async fate(): Promise<ContainerFate | undefined> {
    const until = (Date.now() / 1000).toFixed(3);
    const answer = await this.ask(
      ...["events", "--since", "1", "--until", until, "--format", "{{json .}}"],
      ...["--filter", `container=${this.name}`],
    );
    return answer.ok ? toFate(answer.stdout) : undefined;
  }

  /**
   * Resolves to `true` once it has started, to `false` if `signal` is aborted or the engine does
   * not answer.
   */
  async hasStarted(signal: AbortSignal): Promise<boolean> {
    const args = ["events", "--since", "1", "--filter", `container=${this.name}`];
    const only = ["--filter", "event=start", "--format", "{{.ID}}"];
    const options = { stdin: "null", stdout: "piped", stderr: "null", signal } as const;
    try {
      const { started: child, cleanup } = await startCommandWithUs(
        (env) =>
          new Deno.Command(toolPath(this.#binary), { args: [...args, ...only], env, ...options })
            .spawn(),
        ({ pid }) => ({ process: pid }),
      );
      using _cleanup = cleanup;
      const reader = child.stdout.getReader();
      const { done } = await reader.read();
      await reader.cancel();
      kill(child.pid, "SIGKILL");
      await child.status;
      return !done;
    } catch {
      return false; // there is no such program, which startContainer() reports
    }
  }

  /** Runs a short command. */
  protected async ask(...args: readonly string[]): Promise<EngineAnswer> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), LIMIT_MS);
    try {
      const { success, stdout, stderr } = await new Deno.Command(toolPath(this.#binary), {
        args: [...args],
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        signal: limit.signal,
      }).output();
      const decoder = new TextDecoder();
      return { ok: success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    } catch (error) {
      return { ok: false, stdout: "", stderr: String(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * An event as JSON. Docker has `Action`, and the exit code among the attributes; podman has the
 * other fields.
 */
interface EngineEvent {
  readonly Action?: string;
  readonly Status?: string;
  readonly Actor?: { readonly Attributes?: { readonly exitCode?: string } };
  readonly ContainerExitCode?: number;
}

/** Derives a container's fate from its events, one line of JSON each. */
export function toFate(lines: string): ContainerFate {
  const events = lines.split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line) as EngineEvent
  );
  const happened = (...actions: string[]) =>
    events.find(({ Action, Status }) => actions.includes(Action ?? Status ?? ""));
  // Docker 28 may report a death by signal 9 for a container whose processes it made but whose
  // network it could not set up. Engines keep a few hundred events: after a long run the start may
  // be missing, and then the creation, which is older, is too.
  const hasNotStarted = happened("create") !== undefined && happened("start") === undefined;
  const end = hasNotStarted ? undefined : happened("die", "died");
  const code = end?.Actor?.Attributes?.exitCode ?? end?.ContainerExitCode;
  return {
    isCreated: happened("create") !== undefined,
    isRemoved: happened("destroy", "remove") !== undefined,
    ...(code !== undefined && { exitCode: Number(code) }),
  };
}
