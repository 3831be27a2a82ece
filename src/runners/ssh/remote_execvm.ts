// Provides the execvm on a host reached by ssh, which runs the commands of an inner runner.

import type { OnPhase } from "../contract/runner.ts";
import type { RemoteOptions } from "../remote/options.ts";
import type { RemoteShell } from "../remote/shell.ts";
import { provideExecvm } from "../remote/provide_execvm.ts";
import { SharedTask } from "../remote/shared_task.ts";
import { explainSilence } from "../remote/silence.ts";
import type { SshConnection } from "./connection.ts";
import { runSession } from "./session.ts";
import type { SshTarget } from "./ssh_argv.ts";

/** The connection of a command that waits for the remote execvm, and what ends its waiting. */
interface Waiting {
  readonly connection: SshConnection;
  readonly onPhase: OnPhase | undefined;
  readonly signal: AbortSignal;
}

/** Finds or copies the remote execvm, once for all commands of a runner. */
export class SshExecvm {
  readonly #target: SshTarget;
  readonly #options: RemoteOptions;
  /** The first command does the work; the others wait for its result. */
  readonly #provided = new SharedTask<readonly string[]>();

  constructor(target: SshTarget, options: RemoteOptions) {
    this.#target = target;
    this.#options = options;
  }

  /**
   * Returns its argv. If the options name a path, that is used unchecked.
   *
   * @throws {RunnerError} if it cannot be copied there or could not run.
   * @throws the reason of `signal` if that is aborted.
   */
  async find(waiting: Waiting): Promise<readonly string[]> {
    const { execvm, deno } = this.#options;
    if (execvm !== undefined) return [execvm];
    const { connection, onPhase } = waiting;
    return await this.#provided.join(
      waiting.signal,
      (signal) => provideExecvm(this.#shell(connection, signal), { runner: "ssh", deno, onPhase }),
    );
  }

  /** Explains why a remote execvm ended with this code and reported nothing. */
  async whySilent(
    execvm: readonly string[],
    code: number | undefined,
    { connection, signal }: Pick<Waiting, "connection" | "signal">,
  ): Promise<string> {
    const probe = await this.#shell(connection, signal)([...execvm, "--version"]);
    return explainSilence(execvm, code, probe);
  }

  #shell(connection: SshConnection, signal: AbortSignal): RemoteShell {
    const session = { target: this.#target, connection, signal };
    return (argv, stdin) => runSession(session, argv, stdin);
  }
}
