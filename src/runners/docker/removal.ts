// Removes a container and makes sure that it is gone.

import type { EngineContainer } from "./engine.ts";

/**
 * How often, and how many milliseconds apart, removal is tried of a container that may still be
 * created.
 */
const REMOVALS = 5;
const PAUSE_MS = 150;

/**
 * Removes a container; returns whether it is certain that there is none.
 *
 * @param unknown what it means if the engine does not know the container: it `is absent`, or it
 * `may come`, as the command line that requested it was ended before it had an answer
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
