// The root of one VM runner, which is resolved for its first command.

import type { KernelArch } from "../../machine/architectures.ts";
import { MachineError } from "../../machine/machine_error.ts";
import { messageOf, RunnerError } from "../../model/errors.ts";
import { asPhases } from "../contract/preparing_phases.ts";
import type { OnPhase } from "../contract/runner.ts";
import { SharedTask } from "../remote/shared_task.ts";

/** The options that a root depends on. */
interface RootOptions {
  readonly arch?: KernelArch;
  readonly accel?: "auto" | "kvm" | "tcg";
  readonly rootWrite?: boolean;
}

/** A root that all commands of a runner have: all run on the same image, made once. */
export class RunnerRoot {
  readonly #given: string;
  readonly #options: RootOptions;
  #task = new SharedTask<string>();

  /** @param given as `resolveRoot` takes it */
  constructor(given: string, options: RootOptions) {
    this.#given = given;
    this.#options = options;
  }

  /**
   * Returns the path of the root; what has to be prepared first is prepared.
   *
   * @param signal ends the waiting, and the preparation if no other command waits for it
   * @param onPhase receives the steps; without it, they are reported on stderr if that is a terminal
   * @throws {MachineError | RunnerError} if it cannot be used.
   */
  async get(signal: AbortSignal, onPhase: OnPhase | undefined): Promise<string> {
    const path = await this.#join(signal, onPhase);
    if (path === this.#given || await exists(path)) return path;
    this.#task = new SharedTask(); // it was removed from the cache meanwhile
    return await this.#join(signal, onPhase);
  }

  async #join(signal: AbortSignal, onPhase: OnPhase | undefined): Promise<string> {
    onPhase?.("preparing");
    try {
      return await this.#task.join(signal, (over) => this.#resolve(over, onPhase));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RunnerError) throw error;
      throw new MachineError(messageOf(error), "start", [], "", error);
    }
  }

  async #resolve(signal: AbortSignal, onPhase: OnPhase | undefined): Promise<string> {
    const { resolveRoot } = await import("../../prepare/resolve_root.ts");
    const { arch, accel, rootWrite: write } = this.#options;
    return await resolveRoot(this.#given, {
      ...{ arch, write, signal },
      ...(accel !== undefined && { accel }),
      ...(onPhase !== undefined && { onProgress: asPhases(onPhase) }),
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
