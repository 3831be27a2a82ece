// Names the items of a fan-out by what differs between them. Pure.

import { titleOf } from "./run_words.ts";
import type { ItemSpan, RunSpan } from "./timeline.ts";

/** Letters of context that are kept before and after the differing part. */
const CONTEXT = 12;

/** A common part is cut only if it is longer than this. */
const LEAST = 8;

/**
 * Returns the names of the items of a run: the index with the commands, or, if all commands are
 * equal, with the items themselves, or else with the sources of their pipelines.
 */
export function nameItems({ outline, items }: RunSpan): (item: ItemSpan) => string {
  const outlineOf = ({ index, run }: ItemSpan) => outline.items?.[index] ?? run?.outline;
  const commandsOf = (item: ItemSpan) => {
    const own = outlineOf(item);
    return own && titleOf(own);
  };
  const sourceOf = (item: ItemSpan) => outlineOf(item)?.source;
  const told = [commandsOf, valueOf, sourceOf].map((nameOf) => ({
    nameOf,
    different: new Set(items.map(nameOf)).size,
  }));
  const { nameOf } = told.reduce((best, each) => each.different > best.different ? each : best);
  const shorten = itemNames(items.map(nameOf));
  return (item) => {
    const name = nameOf(item);
    return name === undefined ? `${item.index}` : `${item.index}: ${shorten(name)}`;
  };
}

/** Returns an item as text: a string unchanged, anything else as JSON. */
function valueOf({ item }: ItemSpan): string | undefined {
  return typeof item === "string" ? item : JSON.stringify(item);
}

/**
 * Returns a function that shortens names by cutting their common begin and end where those are
 * long.
 */
export function itemNames(
  names: readonly (string | undefined)[],
): (name: string) => string {
  const known = [...new Set(names.filter((name) => name !== undefined))];
  if (known.length < 2) return (name) => name;
  const shortest = Math.min(...known.map((name) => name.length));
  const [first] = known as [string];
  let head = 0;
  while (head < shortest && known.every((name) => name[head] === first[head])) head += 1;
  let tail = 0;
  while (
    tail < shortest - head && known.every((name) => name.at(-1 - tail) === first.at(-1 - tail))
  ) {
    tail += 1;
  }
  const [from, to] = [head - CONTEXT, tail - CONTEXT];
  return (name) => {
    const begin = from < LEAST ? 0 : from;
    const end = to < LEAST ? name.length : name.length - to;
    return `${begin > 0 ? "…" : ""}${name.slice(begin, end)}${end < name.length ? "…" : ""}`;
  };
}
