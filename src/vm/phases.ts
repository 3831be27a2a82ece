// Where the time of a machine goes: its phases are told as they end, to whoever wants to know.

/**
 * A phase, by what has been done at its end: the files are looked at, a template is there, QEMU is started,
 * it has connected its ports, the command starts, it has ended, the machine is gone.
 */
export type Phase =
  | "attached"
  | "template"
  | "spawned"
  | "connected"
  | "started"
  | "ended"
  | "gone";

type Listener = (phase: Phase) => void;

const listeners = new Set<Listener>();

/** Tells `listener` of the phases of all machines of this process, until it is disposed. */
export function onPhase(listener: Listener): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

/** Says that a phase has ended. */
export function endPhase(phase: Phase): void {
  for (const listener of listeners) listener(phase);
}
