// Copies between the pipes of a command and the terminal that it runs on.

import type { Fd } from "../libc/fd.ts";
import { writeNow } from "../libc/fd_streams.ts";
import type { Terminal } from "../libc/terminal.ts";
import type { Loop } from "./loop.ts";
import { Pump } from "./pump.ts";

const BUFFER_BYTES = 32 << 10;

const EOT = Uint8Array.of(4); // ^D: marks the end of a terminal's input

/** The pipes to the host; `output` is closed at its end. */
export interface TerminalPipes {
  readonly input: Fd;
  readonly output: Fd;
}

/**
 * Types the input on the terminal, with ^D at its end, and copies the terminal's output until no
 * program has it open any more. Then it closes the terminal and calls `onEnd`.
 */
export function relayTerminal(
  loop: Loop,
  { master, pipes, onEnd }: {
    readonly master: Terminal["master"];
    readonly pipes: TerminalPipes;
    readonly onEnd: () => void;
  },
): void {
  for (const fd of [master, pipes.input, pipes.output]) fd.setNonblocking();
  const both = { bufferBytes: BUFFER_BYTES, limit: Infinity };
  const typing = new Pump(loop, {
    ...both,
    from: pipes.input,
    to: master,
    onEnd: (end) => void (end === "eof" && writeNow(master, EOT)),
  });
  new Pump(loop, {
    ...both,
    from: master,
    to: pipes.output,
    onEnd() {
      typing.stop();
      master.close();
      pipes.output.close();
      onEnd();
    },
  });
}
