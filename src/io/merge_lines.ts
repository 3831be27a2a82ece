// Merges the stderr of several commands, so that lines of one are not cut by those of another.

import type { StderrTaker } from "../model/run_options.ts";
import { type Bytes, concat } from "./bytes.ts";

/** How many bytes of an unfinished line are held back. */
const HOLD_BYTES = 64 << 10;

const NEWLINE = 10;
const NOTHING: Bytes = new Uint8Array();

/** Returns a taker that passes on whole lines of each command, in the order of their ends. */
export function mergeLines(push: (lines: Bytes) => void, forwards: boolean): StderrTaker {
  return {
    forwards,
    open() {
      let held = NOTHING;
      return {
        write(chunk) {
          const end = chunk.lastIndexOf(NEWLINE) + 1;
          if (end > 0) push(concat(held, chunk.subarray(0, end)));
          held = concat(end > 0 ? NOTHING : held, chunk.slice(end));
          if (held.length < HOLD_BYTES) return;
          push(held);
          held = NOTHING;
        },
        end: () => push(held),
      };
    },
  };
}
