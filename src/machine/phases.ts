// The phases of a machine that runs a command, which are reported as they begin.

/**
 * A phase: files are checked and made; a template is made; the machine is cloned or booted; the
 * command is sent to the guest; it runs; its writes are flushed to the disks.
 */
export type MachinePhase =
  | "preparing"
  | "template"
  | "cloning"
  | "booting"
  | "starting"
  | "running"
  | "ending";

/** Called at the start of each phase of one machine. @param detail a line of text for users */
export type OnMachinePhase = (phase: MachinePhase, detail?: string) => void;
