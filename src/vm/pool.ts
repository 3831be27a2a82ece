// Keeps machines ready, so that a command need not wait for one.

import { type Attachments, openAttachments } from "../disks/attachments.ts";
import type { OnMachinePhase } from "../machine/phases.ts";
import { getMachine, type MachineRequest, makeMachine, type ReadyMachine } from "./get_machine.ts";
import { warmUp } from "./warm_up.ts";

/**
 * A pool, which fills when the first machine is taken. Disposing it ends the machines that it
 * keeps.
 */
export class VmPool implements AsyncDisposable {
  readonly #size: number;
  readonly #request: Omit<MachineRequest, "signal" | "onPhase">;
  readonly #aborter = new AbortController();
  readonly #ready: Promise<ReadyMachine>[] = [];
  #attachments: Promise<Attachments> | undefined;

  constructor(size: number, request: Omit<MachineRequest, "signal" | "onPhase">) {
    this.#size = size;
    this.#request = request;
  }

  /**
   * Takes a machine, which becomes the caller's to dispose, and starts to make the next one.
   *
   * @param signal ends the waiting
   * @param onPhase receives what it waits for
   * @throws {MachineError} if none can be started.
   */
  async take(signal: AbortSignal, onPhase?: OnMachinePhase): Promise<ReadyMachine> {
    signal.throwIfAborted();
    const next = this.#ready.shift();
    this.#fill();
    onPhase?.("preparing", "waiting for a machine of the pool");
    const kept = next && await this.#await(next, signal);
    return kept ?? await getMachine({ ...this.#request, signal, onPhase });
  }

  /** Waits for a kept machine; `undefined` if it could not be made, or has ended meanwhile. */
  async #await(
    next: Promise<ReadyMachine>,
    signal: AbortSignal,
  ): Promise<ReadyMachine | undefined> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => {
      this.#putBack(next);
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort);
    const ready = await Promise.race([next.catch(() => undefined), aborted])
      .finally(() => signal.removeEventListener("abort", abort));
    if (ready?.machine.hasEnded === true) return void await end(ready);
    ready?.machine.ref();
    return ready;
  }

  #putBack(next: Promise<ReadyMachine>): void {
    if (this.#aborter.signal.aborted) void next.then(end, () => {});
    else this.#ready.unshift(next);
  }

  #fill(): void {
    while (this.#ready.length < this.#size && !this.#aborter.signal.aborted) {
      const ready = this.#make();
      ready.catch(() => {}); // taking it tries again
      this.#ready.push(ready);
    }
  }

  async #make(): Promise<ReadyMachine> {
    this.#attachments ??= openAttachments(this.#request.options);
    const request = { ...this.#request, signal: this.#aborter.signal };
    const made = await makeMachine(request, await this.#attachments);
    try {
      const { attached, ...ready } = made;
      await warmUp(ready.machine, { attached });
      ready.machine.unref();
      return ready;
    } catch (error) {
      await made[Symbol.asyncDispose]();
      made.discard?.();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#aborter.abort();
    for (const ready of this.#ready.splice(0)) {
      await ready.then(end, () => {});
    }
    await this.#attachments?.then((opened) => opened[Symbol.asyncDispose](), () => {});
  }
}

/** Ends a kept machine; until then it keeps this process alive again. */
async function end(ready: ReadyMachine): Promise<void> {
  ready.machine.ref();
  await ready[Symbol.asyncDispose]();
}
