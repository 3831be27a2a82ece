// Checks whether the stdio of a stage is a terminal.

import type { InputEnd, OutputEnd, Stdio } from "../../io/ends.ts";
import { Fd } from "../../libc/fd.ts";

/**
 * Whether both stdin and stdout are terminals, so that a tool can give its command the use of them.
 */
export function hasTerminal({ stdin, stdout }: Stdio): boolean {
  return isTerminal(stdin, 0) && isTerminal(stdout, 1);
}

function isTerminal(end: InputEnd | OutputEnd, ours: number): boolean {
  if (end === "inherit") return Fd.borrow(ours).isTerminal();
  return end instanceof Fd && end.isTerminal();
}
