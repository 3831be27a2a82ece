// Checks that the outputs of the code of a fan-out go to different places.

import { normalize } from "node:path";
import type { EachItemNode, StageNode } from "../model/nodes.ts";

/**
 * @throws {TypeError} if the outputs of two items have the same place, or one is inside of another.
 */
export function requireOutputsApart(items: readonly EachItemNode[]): void {
  /** The item that writes to a path, and one that writes below it. */
  const writers = new Map<string, number>();
  const below = new Map<string, number>();
  for (const [index, { pipeline }] of items.entries()) {
    for (const path of pipeline.stages.flatMap(placesOf)) {
      const [place, ...around] = [...prefixesOf(path)];
      const other = [place!, ...around].map((prefix) => writers.get(prefix))
        .find((item) => item !== undefined) ?? below.get(place!);
      if (other !== undefined) throw clash(index, path, other);
      writers.set(place!, index);
      for (const prefix of around) below.set(prefix, index);
    }
  }
}

/** Returns the places for outputs of a stage. Devices can be shared. */
function placesOf(stage: StageNode): readonly string[] {
  if (stage.type !== "code") return [];
  const { outputsDir, outputsTar } = stage.options;
  return [outputsDir, outputsTar].filter((place) => typeof place === "string")
    .filter((place) => !place.startsWith("/dev/"));
}

/** Yields a path, and the folders that it is in, from the inside out. */
function* prefixesOf(path: string): Generator<string> {
  const place = normalize(path).replace(/(?<=.)\/$/, "");
  yield place;
  for (let end = place.lastIndexOf("/"); end > 0; end = place.lastIndexOf("/", end - 1)) {
    yield place.slice(0, end);
  }
}

function clash(index: number, path: string, other: number): TypeError {
  const fact = `its outputs would go to ${JSON.stringify(path)}, where those of item ${other} go`;
  return new TypeError(`cannot run item ${index}: ${fact}: give each item its own place`);
}
