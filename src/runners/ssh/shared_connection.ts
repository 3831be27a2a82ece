// Shares one connection between the commands of a runner; connects on first use, and again after a
// loss.

import { SshConnection } from "./connection.ts";
import type { SshTarget } from "./ssh_argv.ts";

/** A command's share in a connection. Dispose it when the command has ended. */
export interface Share extends AsyncDisposable {
  readonly connection: SshConnection;
}

/** Hands out shares in one connection, or with `"alone"` a separate connection for each. */
export class SharedConnection implements AsyncDisposable {
  readonly #target: SshTarget;
  readonly #mode: "shared" | "alone";
  readonly #shares = new Map<SshConnection, number>();
  #current: SshConnection | undefined;

  constructor(target: SshTarget, mode: "shared" | "alone") {
    this.#target = target;
    this.#mode = mode;
  }

  /**
   * Returns a share in a connection, which may still be connecting. A connection whose last share
   * is disposed before it is ready is ended.
   *
   * @throws {RunnerError} if ssh cannot be started.
   */
  take(): Share {
    const isKept = this.#mode === "shared";
    if (!isKept || this.#current?.isOpen !== true) this.#current = new SshConnection(this.#target);
    const connection = this.#current;
    this.#shares.set(connection, (this.#shares.get(connection) ?? 0) + 1);
    let isReady = false;
    connection.ready.then(() => (isReady = true), () => {});
    return {
      connection,
      [Symbol.asyncDispose]: async () => {
        const left = (this.#shares.get(connection) ?? 1) - 1;
        this.#shares.set(connection, left);
        if (left > 0 || isReady && isKept && connection.isOpen) return;
        this.#shares.delete(connection);
        await (isReady ? connection[Symbol.asyncDispose]() : connection.giveUp());
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#shares.keys()];
    this.#shares.clear();
    await Promise.all(all.map((connection) => connection[Symbol.asyncDispose]()));
  }
}
