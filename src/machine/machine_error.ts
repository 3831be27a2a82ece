// The errors of virtual machines.

/** A failure of a virtual machine itself, as opposed to the command in it. */
export class MachineError extends Error {
  override readonly name = "MachineError";

  constructor(
    message: string,
    /** The phase in which it failed, such as `start`, `boot` or `run`. */
    readonly phase: string,
    /** The exact command line of QEMU; empty if QEMU was not started. */
    readonly argv: readonly string[],
    /** The last lines of the guest's console and of QEMU's stderr. */
    readonly consoleTail: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** The machine closed its connection; the caller has to find out why. */
export class MachineGone extends Error {
  override readonly name = "MachineGone";
}
