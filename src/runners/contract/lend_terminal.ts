// Puts our terminal into raw mode for a command that has a terminal elsewhere.

import type { InputEnd } from "../../io/ends.ts";
import { Fd } from "../../libc/fd.ts";
import { findLibc } from "../../libc/libc.ts";
import { isForeground, makeRaw, ownTerminalSize } from "../../libc/terminal.ts";

/** Our terminal while a command uses it. Disposing it restores the terminal's mode. */
export interface LentTerminal extends Disposable {
  /** Restores the mode, as we are about to be stopped. */
  takeBack(): void;
  /** Sets raw mode again, if we are in the foreground, and reports the size. */
  lendAgain(): void;
}

/**
 * If `stdin` is our terminal, sets it to raw mode until disposed, so that each key, ^C too, is
 * passed on as typed, and output is shown unchanged; echo, line editing and signals are up to the
 * command's terminal. Calls `onResize` with each new size.
 */
export function lendTerminal(
  stdin: InputEnd,
  onResize: (size: { columns: number; rows: number }) => void,
): LentTerminal {
  const isTerminal = stdin === "inherit" && Deno.stdin.isTerminal();
  const resize = () => onResize(ownTerminalSize());
  if (isTerminal) makeOwnRaw();
  Deno.addSignalListener("SIGWINCH", resize);
  return {
    takeBack() {
      if (isTerminal) Deno.stdin.setRaw(false);
    },
    lendAgain() {
      if (!isTerminal || findLibc() !== undefined && !isForeground()) return;
      makeOwnRaw();
      resize();
    },
    [Symbol.dispose]() {
      Deno.removeSignalListener("SIGWINCH", resize);
      if (isTerminal) Deno.stdin.setRaw(false);
    },
  };
}

/**
 * Sets our terminal to raw mode. `setRaw` saves the modes for `setRaw(false)`, but leaves output
 * processing on, which would show a carriage return before each newline.
 */
function makeOwnRaw(): void {
  Deno.stdin.setRaw(true);
  if (findLibc() !== undefined) makeRaw(Fd.borrow(0));
}
