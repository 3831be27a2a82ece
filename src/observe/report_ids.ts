// The ids of the elements that a report links to.

import type { ItemSpan } from "./timeline.ts";

/** Returns the id of a stage's card. @param place distinguishes the runs of a page */
export function stageId(place: string, index: number): string {
  return `${place}stage-${index + 1}`;
}

/**
 * Returns the id of a fan-out's item, which is also the `place` of its stages.
 *
 * @param place of the fan-out
 */
export function itemId(place: string, { index }: Pick<ItemSpan, "index">): string {
  return `${place}item-${index}-`;
}
