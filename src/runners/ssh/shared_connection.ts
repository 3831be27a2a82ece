// The connection of a runner: made when it is first needed, and again when it was lost.

import { SshConnection } from "./connection.ts";
import type { SshTarget } from "./ssh_argv.ts";

/** A command's share in a connection. */
export interface Share extends AsyncDisposable {
  readonly connection: SshConnection;
}

/** Hands out the one connection, or with `"alone"` one of its own to each who asks. */
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
   * A share in a connection, which may still be connecting. One that nobody waits for any more is ended.
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
