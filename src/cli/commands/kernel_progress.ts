// Shows the progress of long tasks: one changing line on a terminal, else one line per step.

import { printableLine } from "../../host/printable.ts";
import { ownTerminalSize } from "../../libc/terminal.ts";
import { Screen } from "../../observe/screen.ts";
import { fitText, textWidth } from "../../observe/text_width.ts";
import { formatDuration } from "../../observe/units.ts";
import type { CliContext } from "../frame/context.ts";

/** A progress display; disposing it clears the changing line. */
interface ShownProgress extends Disposable {
  /** Reports that a step has begun, or how many of its files are done. */
  readonly step: (step: string, files?: number) => void;
}

/** Milliseconds between two redraws, which update the elapsed time. */
const FRAME_MS = 500;

/** Milliseconds between two redraws for files, which come by the thousand. */
const PAUSE_MS = 100;

/** Shows progress on stderr until it is disposed. */
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
