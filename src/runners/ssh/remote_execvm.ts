// The execvm at the far side of ssh, which runs the commands of an inner runner.

import type { OnPhase } from "../contract/runner.ts";
import type { RemoteOptions } from "../remote/options.ts";
import type { RemoteShell } from "../remote/shell.ts";
import { provideExecvm } from "../remote/provide_execvm.ts";
import { SharedTask } from "../remote/shared_task.ts";
import { explainSilence } from "../remote/silence.ts";
import type { SshConnection } from "./connection.ts";
import { runSession } from "./session.ts";
import type { SshTarget } from "./ssh_argv.ts";

/** Who waits for it. */
interface Waiting {
  readonly connection: SshConnection;
  readonly onPhase: OnPhase | undefined;
  readonly signal: AbortSignal;
}

/** Finds the execvm of a far side, and has it there, once for all commands of a runner. */
export class SshExecvm {
  readonly #target: SshTarget;
  readonly #options: RemoteOptions;
  /** By whoever came first: the others wait for the same. */
  readonly #provided = new SharedTask<readonly string[]>();

  constructor(target: SshTarget, options: RemoteOptions) {
    this.#target = target;
    this.#options = options;
  }

  /**
   * Its argv. That at a given path is taken as it is.
   *
   * @throws {RunnerError} if it cannot be had there. @throws the reason of `signal` if that is aborted.
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

  /** Why one has ended with this code and told nothing. */
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
