// Lending our own terminal to a command that has one elsewhere.

import type { InputEnd } from "../../io/ends.ts";
import { findLibc } from "../../libc/libc.ts";
import { isForeground, ownTerminalSize } from "../../libc/terminal.ts";

/** A terminal that is lent; disposing it ends that. */
export interface LentTerminal extends Disposable {
  /** Has it as it was while we are stopped. */
  takeBack(): void;
  /** Lends it again, if it is ours then. */
  lendAgain(): void;
}

/**
 * Until disposed, our terminal, if we have one and `stdin` is it, hands on each key as it is typed, ^C too, and
 * `onResize` is told each new size: the terminal of the command does the rest.
 */
export function lendTerminal(
  stdin: InputEnd,
  onResize: (size: { columns: number; rows: number }) => void,
): LentTerminal {
  const isTerminal = stdin === "inherit" && Deno.stdin.isTerminal();
  const resize = () => onResize(ownTerminalSize());
  if (isTerminal) Deno.stdin.setRaw(true);
  Deno.addSignalListener("SIGWINCH", resize);
  return {
    takeBack() {
      if (isTerminal) Deno.stdin.setRaw(false);
    },
    lendAgain() {
      if (!isTerminal || findLibc() !== undefined && !isForeground()) return;
      Deno.stdin.setRaw(true);
      resize();
    },
    [Symbol.dispose]() {
      Deno.removeSignalListener("SIGWINCH", resize);
      if (isTerminal) Deno.stdin.setRaw(false);
    },
  };
}
