// A command that files are copied for: before it starts, and once it has ended.

import type { Stdio } from "../../io/ends.ts";
import { isFatal, type SignalName } from "../../libc/signals.ts";
import type { Copier, RemoteFiles } from "./copies.ts";
import type { CommandEnd, Recipient, Running } from "./runner.ts";
import { WaitingCommand } from "./waiting_command.ts";

/** The place that a command runs in. */
export interface CommandPlace {
  /**
   * Makes the place, until `signal` is aborted, and returns its files.
   *
   * @param copying returns the signal that ends a copying which begins now
   */
  open(signal: AbortSignal, copying: () => AbortSignal): Promise<RemoteFiles>;
  /** Starts the command, which then owns `stdio`. */
  start(stdio: Stdio): Promise<Running>;
  /**
   * Removes the place; called once in any case, after the command.
   *
   * @param state whether the command has started, or was killed before that
   */
  close(state: "started" | "killed" | "failed"): Promise<void>;
}

/** Makes the place of a command, copies files in, runs it, copies outputs, removes the place. */
export class CopyingCommand implements Running {
  readonly exited: Promise<CommandEnd>;
  readonly #place: CommandPlace;
  readonly #copier: Copier;
  readonly #command: WaitingCommand<void>;
  /** Aborted by a fatal signal that arrives while files are copied. */
  #copying = new AbortController();
  #fatal: SignalName | undefined;
  #files: RemoteFiles | undefined;
  #running: Running | undefined;

  /** Takes ownership of the ends of `stdio`. */
  constructor(place: CommandPlace, copier: Copier, stdio: Stdio) {
    this.#place = place;
    this.#copier = copier;
    this.#command = new WaitingCommand(
      (signal) => this.#fill(signal),
      stdio,
      async () => this.#running = await place.start(stdio),
    );
    this.exited = this.#run();
    this.exited.catch(() => {}); // also if nothing waits for it
  }

  /** As its command, once that runs. */
  get hearsTerminal(): boolean {
    return this.#running?.hearsTerminal === true;
  }

  kill(signal: SignalName, to?: Recipient): void | Promise<void> {
    if (isFatal(signal)) {
      this.#fatal = signal;
      this.#copying.abort();
    }
    return this.#command.kill(signal, to);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exited.catch(() => {});
    await this.#command[Symbol.asyncDispose]();
  }

  async #run(): Promise<CommandEnd> {
    try {
      const end = await this.#command.exited;
      return this.#running === undefined ? end : await this.#empty(end);
    } finally {
      await this.#filled; // what it has begun must be over
      const early = this.#fatal === undefined ? "failed" : "killed";
      await this.#place.close(this.#running === undefined ? early : "started");
    }
  }

  #filled: Promise<unknown> | undefined;

  async #fill(signal: AbortSignal): Promise<void> {
    const filled = (async () => {
      this.#files = await this.#place.open(signal, () => this.#copying.signal);
      await this.#copier.copyIn(this.#files);
    })();
    this.#filled = filled.catch(() => {});
    await filled;
  }

  /** Copies outputs; a signal that has ended the command does not end that. */
  async #empty(end: CommandEnd): Promise<CommandEnd> {
    this.#copying = new AbortController();
    try {
      await this.#copier.copyOut(this.#files!, end);
      return end;
    } catch (error) {
      if (!this.#copying.signal.aborted) throw error;
      return { signal: this.#fatal! };
    }
  }
}
