// What the links of a report lead to.

import type { ItemSpan } from "./timeline.ts";

/** The card of a stage. @param place tells runs of one page apart */
export function stageId(place: string, index: number): string {
  return `${place}stage-${index + 1}`;
}

/** An item of a fan-out; it also tells what belongs to it apart. @param place of the fan-out */
export function itemId(place: string, { index }: Pick<ItemSpan, "index">): string {
  return `${place}item-${index}-`;
}
