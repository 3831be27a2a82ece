// Lending our own terminal to a command that has one elsewhere.

import type { InputEnd } from "../../io/ends.ts";
import { Fd } from "../../libc/fd.ts";
import { findLibc } from "../../libc/libc.ts";
import { isForeground, makeRaw, ownTerminalSize } from "../../libc/terminal.ts";

/** A terminal that is lent; disposing it ends that. */
export interface LentTerminal extends Disposable {
  /** Has it as it was while we are stopped. */
  takeBack(): void;
  /** Lends it again, if it is ours then. */
  lendAgain(): void;
}

/**
 * Until disposed, our terminal, if we have one and `stdin` is it, passes on each key as it is typed, ^C too, and
 * shows what it is given as it is; `onResize` gets each new size. The terminal of the command does the rest.
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

/** Deno keeps the modes for `setRaw(false)`, and leaves it on that each newline is shown with a return before it. */
function makeOwnRaw(): void {
  Deno.stdin.setRaw(true);
  if (findLibc() !== undefined) makeRaw(Fd.borrow(0));
}
