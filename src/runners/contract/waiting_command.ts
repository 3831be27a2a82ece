// A command that has to wait for something, such as an allocation, before it is started.

import type { Stdio } from "../../io/ends.ts";
import { isFatal, type SignalName } from "../../libc/signals.ts";
import { abandonAll } from "./abandon_all.ts";
import type { CommandEnd, Recipient, Running } from "./runner.ts";

/** Starts a command once the wait is over. If it is killed before, it never starts. */
export class WaitingCommand<T> implements Running {
  readonly exited: Promise<CommandEnd>;
  readonly #ending = new AbortController();
  #fatal: SignalName | undefined;
  #running: Running | undefined;

  /**
   * @param wait does the waiting; its signal is aborted if the command is killed meanwhile
   * @param stdio closed here if the command never starts
   * @param start starts the command, which then owns `stdio`
   */
  constructor(
    wait: (signal: AbortSignal) => Promise<T>,
    stdio: Stdio,
    start: (waitedFor: T) => Promise<Running>,
  ) {
    this.exited = this.#run(wait, stdio, start);
  }

  kill(signal: SignalName, to?: Recipient): void | Promise<void> {
    if (this.#running !== undefined) return this.#running.kill(signal, to);
    if (!isFatal(signal)) return;
    this.#fatal = signal;
    this.#ending.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exited.catch(() => {});
    await this.#running?.[Symbol.asyncDispose]();
  }

  async #run(
    wait: (signal: AbortSignal) => Promise<T>,
    stdio: Stdio,
    start: (waitedFor: T) => Promise<Running>,
  ): Promise<CommandEnd> {
    const { signal } = this.#ending;
    const { promise: ended, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    let waitedFor: T;
    try {
      waitedFor = await Promise.race([wait(signal), ended]);
    } catch (error) {
      await abandonAll(stdio);
      if (this.#fatal !== undefined) return { signal: this.#fatal };
      throw error;
    }
    this.#running = await start(waitedFor);
    if (this.#fatal !== undefined) this.#running.kill(this.#fatal); // it arrived during the start
    return await this.#running.exited;
  }
}
