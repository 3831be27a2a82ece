// Whether a stage reads from and writes to a terminal by itself.

import type { InputEnd, OutputEnd, Stdio } from "../../io/ends.ts";
import { Fd } from "../../libc/fd.ts";

/** Whether both ends are terminals, so that a tool can lend them to its command. */
export function hasTerminal({ stdin, stdout }: Stdio): boolean {
  return isTerminal(stdin, 0) && isTerminal(stdout, 1);
}

function isTerminal(end: InputEnd | OutputEnd, ours: number): boolean {
  if (end === "inherit") return Fd.borrow(ours).isTerminal();
  return end instanceof Fd && end.isTerminal();
}
