// Progress of what takes minutes: one line that changes on a terminal, else a line a step.

import { printableLine } from "../../host/printable.ts";
import { ownTerminalSize } from "../../libc/terminal.ts";
import { Screen } from "../../observe/screen.ts";
import { fitText, textWidth } from "../../observe/text_width.ts";
import { formatDuration } from "../../observe/units.ts";
import type { CliContext } from "../frame/context.ts";

/** What shows progress; disposing of it clears the line that changes. */
interface ShownProgress extends Disposable {
  /** A step has begun, or so many files of it are done. */
  readonly step: (step: string, files?: number) => void;
}

/** Between two frames, in milliseconds, so that the time goes on. */
const FRAME_MS = 500;

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
  const target = { write: (text: string) => stderr.write(text), size: ownTerminalSize };
  const screen = new Screen(target, textWidth);
  let story: string | undefined;
  let drawnMs = -Infinity;
  const draw = () => {
    if (story === undefined) return;
    drawnMs = performance.now();
    const took = formatDuration(performance.now() - startMs).padStart(10);
    const line = `${took}  ${printableLine(story, 300)}`;
    screen.draw([{ text: fitText(line, target.size().columns - 1) }]);
  };
  const timer = setInterval(draw, FRAME_MS);
  Deno.unrefTimer(timer);
  return {
    step(step, files) {
      story = files === undefined ? step : `${step}: ${files} files`;
      if (files === undefined || performance.now() - drawnMs > PAUSE_MS) draw();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      screen.clear();
    },
  };
}
