// What is started on this machine to run commands, told to whoever wants to know: `-v` shows it.

/** Hears the exact command line of each program as it is started. @param runner the kind of the runner */
export type StartListener = (runner: string, argv: readonly string[]) => void;

const listeners = new Set<StartListener>();

/** Tells `listener` of all programs that are started in this process, until it is disposed. */
export function onProgramStart(listener: StartListener): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

/** Says that a program is about to be started. */
export function tellProgramStart(...start: Parameters<StartListener>): void {
  for (const listener of listeners) listener(...start);
}
