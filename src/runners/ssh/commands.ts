// Starts the commands of one ssh runner, and owns the connection that they share.

import type { Stdio } from "../../io/ends.ts";
import type { Running } from "../contract/runner.ts";
import { type SshRequest, startOverSsh } from "./command.ts";
import type { SshOptions } from "./options.ts";
import { SshExecvm } from "./remote_execvm.ts";
import { SharedConnection } from "./shared_connection.ts";
import type { SshTarget } from "./ssh_argv.ts";

/** Starts commands on one host. Disposing it ends their connection. */
export class SshCommands implements AsyncDisposable {
  readonly #shared: SharedConnection;
  readonly #execvm: SshExecvm | undefined;
  readonly #target: SshTarget;

  constructor(target: SshTarget, options: SshOptions) {
    this.#target = target;
    this.#shared = new SharedConnection(target, options.multiplex === false ? "alone" : "shared");
    this.#execvm = options.inner === undefined ? undefined : new SshExecvm(target, options);
  }

  /** Starts a command. @throws {RunnerError} if ssh cannot be started. */
  async start(request: Omit<SshRequest, "execvm" | "target">, stdio: Stdio): Promise<Running> {
    return await startOverSsh(
      { ...request, execvm: this.#execvm, target: this.#target },
      () => this.#shared.take(),
      stdio,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared[Symbol.asyncDispose]();
  }
}
