// Progress of what takes minutes: one line that changes on a terminal, else a line a step.

import type { CliContext } from "./context.ts";

/** What shows progress; disposing of it clears the line that changes. */
interface ShownProgress extends Disposable {
  /** A step has begun, or so many files of it are done. */
  readonly step: (step: string, files?: number) => void;
}

/** Back to the start of the line, and clear it (ECMA-48 EL). */
const CLEAR = "\r\x1b[K";

/** Files come by the thousand: nobody reads more often than that. */
const PAUSE_MS = 100;

/** Shows progress on stderr. */
export function showProgress({ process: { stderr } }: CliContext): ShownProgress {
  if (!Deno.stderr.isTerminal()) {
    return {
      step: (step, files) => {
        if (files === undefined) stderr.write(`execvm: ${step}\n`);
      },
      [Symbol.dispose]() {},
    };
  }
  const startMs = performance.now();
  let shown = "";
  let shownMs = -Infinity;
  const show = () => {
    if (shown === "") return;
    shownMs = performance.now();
    const seconds = Math.round((performance.now() - startMs) / 1000);
    stderr.write(`${CLEAR}${shown} (${seconds} s)`);
  };
  const timer = setInterval(show, 1000); // so that it is seen to go on
  return {
    step: (step, files) => {
      shown = files === undefined ? step : `${step}: ${files} files`;
      if (files === undefined || performance.now() - shownMs > PAUSE_MS) show();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      stderr.write(CLEAR);
    },
  };
}
