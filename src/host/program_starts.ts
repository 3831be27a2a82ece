// Reports the programs that are started on this machine to run commands: `-v` shows them.

/** Called with the exact command line of each program. @param runner the kind of the runner */
export type StartListener = (runner: string, argv: readonly string[]) => void;

const listeners = new Set<StartListener>();

/** Calls `listener` for each program that this process starts, until disposed. */
export function onProgramStart(listener: StartListener): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

/** Reports that a program is about to be started. */
export function tellProgramStart(...start: Parameters<StartListener>): void {
  for (const listener of listeners) listener(...start);
}
