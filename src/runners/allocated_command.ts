// A command that runs in a job which is not granted yet.

import { isFatal, type SignalName } from "../libc/signals.ts";
import type { Allocation, Place } from "../slurm/allocation.ts";
import { abandonAll } from "./abandon_all.ts";
import type { ExitStatus, Running, Stdio } from "./runner.ts";

/** Starts the command once its job is granted. One that is ended before never starts. */
export class AllocatedCommand implements Running {
  readonly exited: Promise<ExitStatus>;
  readonly #ending = Promise.withResolvers<void>();
  #fatal: SignalName | undefined;
  #running: Running | undefined;

  /** @param start starts it, and then owns `stdio` */
  constructor(
    allocation: Allocation,
    stdio: Stdio,
    start: (places: readonly Place[]) => Promise<Running>,
  ) {
    this.exited = this.#run(allocation, stdio, start);
  }

  kill(signal: SignalName): void {
    if (this.#running !== undefined) return this.#running.kill(signal);
    if (!isFatal(signal)) return;
    this.#fatal = signal;
    this.#ending.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exited.catch(() => {});
    await this.#running?.[Symbol.asyncDispose]();
  }

  async #run(
    { granted }: Allocation,
    stdio: Stdio,
    start: (places: readonly Place[]) => Promise<Running>,
  ): Promise<ExitStatus> {
    let places: readonly Place[] | void;
    try {
      places = await Promise.race([granted, this.#ending.promise]);
    } catch (error) {
      await abandonAll(stdio);
      throw error;
    }
    if (this.#fatal !== undefined || places === undefined) {
      await abandonAll(stdio);
      return { signal: this.#fatal ?? "SIGKILL" };
    }
    this.#running = await start(places);
    if (this.#fatal !== undefined) this.#running.kill(this.#fatal); // it came while srun was started
    return await this.#running.exited;
  }
}
