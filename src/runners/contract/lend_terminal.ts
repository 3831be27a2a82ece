// Lending our own terminal to a command that has one elsewhere.

import { ownTerminalSize } from "../../libc/terminal.ts";

/**
 * Until disposed, our terminal, if we have one, hands on each key as it is typed, ^C too, and `onResize` is
 * told each new size: the terminal of the command does the rest.
 */
export function lendTerminal(
  onResize: (size: { columns: number; rows: number }) => void,
): Disposable {
  const isTerminal = Deno.stdin.isTerminal();
  const resize = () => onResize(ownTerminalSize());
  if (isTerminal) Deno.stdin.setRaw(true);
  Deno.addSignalListener("SIGWINCH", resize);
  return {
    [Symbol.dispose]() {
      Deno.removeSignalListener("SIGWINCH", resize);
      if (isTerminal) Deno.stdin.setRaw(false);
    },
  };
}
