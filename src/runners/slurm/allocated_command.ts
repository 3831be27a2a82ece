// A command that runs in a job which is not granted yet.

import type { Stdio } from "../../io/ends.ts";
import type { SignalName } from "../../libc/signals.ts";
import type { Recipient, Running } from "../contract/runner.ts";
import { WaitingCommand } from "../contract/waiting_command.ts";
import type { Allocation, Place } from "./allocation.ts";

/** Starts the command once its job is granted, and tells the job if steps of it may be left. */
export class AllocatedCommand extends WaitingCommand<readonly Place[]> {
  readonly #allocation: Allocation;

  /** @param start starts it, and then owns `stdio` */
  constructor(
    allocation: Allocation,
    stdio: Stdio,
    start: (places: readonly Place[]) => Promise<Running>,
  ) {
    super(() => allocation.granted, stdio, start);
    this.#allocation = allocation;
    this.exited.catch(() => allocation.distrust());
  }

  override kill(signal: SignalName, to?: Recipient): void | Promise<void> {
    this.#allocation.distrust();
    return super.kill(signal, to);
  }
}
