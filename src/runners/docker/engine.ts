// Short commands to the engine that runs a container, by the same program that runs it.

import { kill } from "../../host/process_tree.ts";
import { toolPath } from "../../host/program_path.ts";
import { startCommandWithUs } from "../../host/watchdog.ts";

/** How long a short command may take, in milliseconds. */
const LIMIT_MS = 5000;

/** What a short command said. */
export interface EngineAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** What became of a container, as far as the engine remembers. */
export interface ContainerFate {
  /** Whether it was made. */
  readonly isCreated: boolean;
  /** Whether it is gone again. */
  readonly isRemoved: boolean;
  /** The exit code of its command, if that has started and ended. */
  readonly exitCode?: number;
}

/** One container of an engine, by its name. Nothing here throws: an engine that is gone says no. */
export class EngineContainer {
  readonly #binary: string;
  readonly #name: string;

  /** @param binary the program, such as `docker` @param name of the container, used for no other */
  constructor(binary: string, name: string) {
    this.#binary = binary;
    this.#name = name;
  }

  /** The argv that removes it, whatever it does. */
  get removal(): readonly string[] {
    return [this.#binary, "rm", "-f", this.#name];
  }

  /** Sends it a signal; whether it took it. */
  async kill(signal: string): Promise<boolean> {
    return (await this.#ask("kill", "-s", signal, this.#name)).ok;
  }

  /** Removes it, whatever it does. */
  async remove(): Promise<void> {
    await this.#ask("rm", "-f", this.#name);
  }

  /** What became of it; `undefined` if the engine cannot be asked. */
  async fate(): Promise<ContainerFate | undefined> {
    const until = (Date.now() / 1000).toFixed(3);
    const answer = await this.#ask(
      ...["events", "--since", "1", "--until", until, "--format", "{{json .}}"],
      ...["--filter", `container=${this.#name}`],
    );
    return answer.ok ? toFate(answer.stdout) : undefined;
  }

  /** Whether it has started: resolves once it has, or `signal` is aborted, or the engine cannot tell. */
  async hasStarted(signal: AbortSignal): Promise<boolean> {
    const args = ["events", "--since", "1", "--filter", `container=${this.#name}`];
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
      return false; // there is no such program, which who runs the container is told
    }
  }

  async #ask(...args: readonly string[]): Promise<EngineAnswer> {
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

/** Docker names what happened and keeps the code among attributes; podman has words of its own. */
interface EngineEvent {
  readonly Action?: string;
  readonly Status?: string;
  readonly Actor?: { readonly Attributes?: { readonly exitCode?: string } };
  readonly ContainerExitCode?: number;
}

/** Reads events, a line of JSON each. */
export function toFate(lines: string): ContainerFate {
  const events = lines.split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line) as EngineEvent
  );
  const happened = (...actions: string[]) =>
    events.find(({ Action, Status }) => actions.includes(Action ?? Status ?? ""));
  // Docker 28 may tell of an end, by signal 9, where it has made the container's processes but no network. An
  // engine keeps a few hundred events: after a long run the start may be gone, and so is then what is older.
  const hasNotStarted = happened("create") !== undefined && happened("start") === undefined;
  const end = hasNotStarted ? undefined : happened("die", "died");
  const code = end?.Actor?.Attributes?.exitCode ?? end?.ContainerExitCode;
  return {
    isCreated: happened("create") !== undefined,
    isRemoved: happened("destroy", "remove") !== undefined,
    ...(code !== undefined && { exitCode: Number(code) }),
  };
}
