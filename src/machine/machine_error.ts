// A machine that failed, and what there is to know about it.

/** The machinery of a virtual machine failed; the command in it is not to blame. */
export class MachineError extends Error {
  override readonly name = "MachineError";

  constructor(
    message: string,
    /** What was going on: `start`, `boot`, `run`. */
    readonly phase: string,
    /** The exact command line of QEMU; empty if it did not come to that. */
    readonly argv: readonly string[],
    /** The last lines of the guest's console and of QEMU's stderr. */
    readonly consoleTail: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** The machine hung up: why has to be looked for. */
export class MachineGone extends Error {
  override readonly name = "MachineGone";
}
