// Copies between pipes and the master side of a terminal.

import type { Fd } from "./fd.ts";
import { readWaiting, writeChunk } from "./fd_streams.ts";

const EOT = Uint8Array.of(4); // ^D: what a terminal takes for the end of its input

/**
 * Types what `input` delivers on the terminal, and ^D at its end. Returns when either is closed.
 */
export async function typeOn(master: Fd, input: Fd): Promise<void> {
  while (true) {
    const chunk = await readWaiting(input);
    if (!master.isOpen || !await writeChunk(master, chunk ?? EOT) || chunk === undefined) return;
  }
}

/** Copies the terminal's output to `output`, until no program has it open; then closes `output`. */
export async function showOf(master: Fd, output: Fd): Promise<void> {
  using closing = output;
  while (true) {
    const chunk = await readWaiting(master);
    if (chunk === undefined || !await writeChunk(closing, chunk)) return;
  }
}
