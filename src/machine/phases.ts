// What a machine does for its command: its phases are told as they begin, to who waits for that command.

/**
 * A phase: its files are looked at and made; a template is made; it is cloned or booted; the guest is told
 * what to do; the command runs; what it wrote goes to the disks.
 */
export type MachinePhase =
  | "preparing"
  | "template"
  | "cloning"
  | "booting"
  | "starting"
  | "running"
  | "ending";

/** Is told of the phases of one machine; `detail` is a line for people. */
export type OnMachinePhase = (phase: MachinePhase, detail?: string) => void;
