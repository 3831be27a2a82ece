// A command that waits until its job is granted, then runs in it.

import type { Stdio } from "../../io/ends.ts";
import type { SignalName } from "../../libc/signals.ts";
import type { Recipient, Running } from "../contract/runner.ts";
import { WaitingCommand } from "../contract/waiting_command.ts";
import type { Allocation, Place } from "./allocation.ts";

/** Starts a command once its job is granted, and tells the allocation if steps may be left over. */
export class AllocatedCommand extends WaitingCommand<readonly Place[]> {
  readonly #allocation: Allocation;

  /** @param start starts the command, which then owns `stdio` */
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
