// The steps of preparing an image, as phases of the stage that waits for it.

import type { OnPhase } from "./runner.ts";

/** Milliseconds between two reports of files, which come by the thousand. */
const PAUSE_MS = 5000;

/** Returns an `onProgress` of `prepareImage`: each step is a phase, and the files from time to time. */
export function asPhases(onPhase: OnPhase): (step: string, files?: number) => void {
  let lastMs = performance.now();
  return (step, files) => {
    const isDue = performance.now() - lastMs > PAUSE_MS;
    if (files !== undefined && !isDue) return;
    lastMs = performance.now();
    onPhase("preparing", files === undefined ? step : `${step}: ${files} files`);
  };
}
