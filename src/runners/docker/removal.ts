// Making sure that a container is gone.

import type { EngineContainer } from "./engine.ts";

/** How often, and how many milliseconds apart, a container is removed that may still be in the making. */
const REMOVALS = 5;
const PAUSE_MS = 150;

/**
 * Removes a container; whether it is certain that there is none. One that nobody has heard of may be in
 * the making, if the command line that asked for it was ended before it had an answer.
 */
export async function removeContainer(
  container: EngineContainer,
  unknown: "is absent" | "may come",
): Promise<boolean> {
  for (let removal = 0; removal < REMOVALS; removal++) {
    await container.remove();
    const fate = await container.fate();
    if (fate === undefined) return false;
    if (fate.isRemoved || unknown === "is absent" && !fate.isCreated) return true;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return false;
}
