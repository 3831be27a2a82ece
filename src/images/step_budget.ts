// The work that merging layers may take: a small archive can name a large folder to remove, or a
// long chain of symlinks to follow, again and again.

import { ArchiveError } from "../archive/archive_error.ts";

/**
 * Steps that any layers may take: 200 times all names that a root may have. A layer of a real image
 * removes a few folders, and few of its paths lead through symlinks.
 */
const SPARE_STEPS = 100_000_000;

/** Further steps for each entry: twice the parts of a deep path. */
const STEPS_PER_ENTRY = 64;

/** Counts steps: names visited to remove them, and parts of paths that are followed. */
export class StepBudget {
  #left: number;

  /** @param spare steps in addition to those of the entries */
  constructor(spare: number = SPARE_STEPS) {
    this.#left = spare;
  }

  /** Allows the steps of one more entry. */
  addEntry(): void {
    this.#left += STEPS_PER_ENTRY;
  }

  /** Counts one step. @throws {ArchiveError} if there have been too many. */
  spend(): void {
    if (--this.#left >= 0) return;
    throw new ArchiveError(
      "cannot merge the layers: they remove the same folders or follow the same symlinks " +
        "too often",
    );
  }
}
