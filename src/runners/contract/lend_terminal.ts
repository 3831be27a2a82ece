// Lending our own terminal to a command that has one elsewhere.

import type { InputEnd } from "../../io/ends.ts";
import { ownTerminalSize } from "../../libc/terminal.ts";

/**
 * Until disposed, our terminal, if we have one and `stdin` is it, hands on each key as it is typed, ^C too, and
 * `onResize` is told each new size: the terminal of the command does the rest.
 */
export function lendTerminal(
  stdin: InputEnd,
  onResize: (size: { columns: number; rows: number }) => void,
): Disposable {
  const isTerminal = stdin === "inherit" && Deno.stdin.isTerminal();
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
