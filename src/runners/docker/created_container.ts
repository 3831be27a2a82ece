// Runs a command in a container that files are copied into before, and out of afterwards.

import { streamTool } from "../../host/stream_tool.ts";
import { killWithUs } from "../../host/watchdog.ts";
import type { Stdio } from "../../io/ends.ts";
import { RunnerError } from "../../model/errors.ts";
import type { RemoteFiles } from "../contract/copies.ts";
import type { CommandPlace } from "../contract/copying_command.ts";
import type { Running } from "../contract/runner.ts";
import { type ContainerRequest, engineVariables, startContainer } from "./container.ts";
import { containerFiles } from "./container_files.ts";
import { KeptContainer } from "./kept_container.ts";
import { removeContainer } from "./removal.ts";
import { explain } from "./verdict.ts";

/** The container; `argv` is that of `docker start`. */
export interface CreatedRequest extends Omit<ContainerRequest, "container"> {
  /** The argv of `docker create`. */
  readonly createArgv: readonly string[];
}

/** A container that is created before its command is started, and then removed. */
export class CreatedContainer implements CommandPlace {
  readonly #request: CreatedRequest;
  readonly #container: KeptContainer;
  /** Removes it in case this process is killed. */
  readonly #cleanup: Disposable;

  constructor(request: CreatedRequest) {
    this.#request = request;
    this.#container = new KeptContainer(request.argv[0]!, request.name);
    const command = ["env", ...engineVariables(), ...this.#container.removal];
    this.#cleanup = killWithUs({ command });
  }

  async open(signal: AbortSignal, copying: () => AbortSignal): Promise<RemoteFiles> {
    const { createArgv, name, onPhase } = this.#request;
    onPhase?.("creating", "docker creates the container");
    const end = await streamTool(createArgv, { signal }).catch((error) => {
      signal.throwIfAborted();
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw this.#failure(`cannot run ${JSON.stringify(createArgv[0])}: there is no such command`);
    });
    if (end.code !== 0) {
      const fact = explain({ code: end.code }, end.stderr);
      throw this.#failure(`cannot run in a container: ${fact}`, end.stderr);
    }
    return containerFiles({ binary: createArgv[0]!, name, signal: copying });
  }

  async start(stdio: Stdio): Promise<Running> {
    const { createArgv: _, ...request } = this.#request;
    return await startContainer({ ...request, container: this.#container }, stdio);
  }

  async close(state: "started" | "killed" | "failed"): Promise<void> {
    const unknown = state === "killed" ? "may come" : "is absent";
    if (await removeContainer(this.#container, unknown)) this.#cleanup[Symbol.dispose]();
  }

  #failure(message: string, words = ""): RunnerError {
    const { createArgv } = this.#request;
    return new RunnerError(message, {
      ...{ runner: "docker", phase: "create", argv: createArgv, consoleTail: words },
    });
  }
}
