// What items of a fan-out are called: by what differs between them. Pure.

import { titleOf } from "./run_words.ts";
import type { ItemSpan, RunSpan } from "./timeline.ts";

/** Letters that stay before and behind what differs, as words to go by. */
const CONTEXT = 12;

/** What is taken out has to be longer than this, or nothing is won. */
const LEAST = 8;

/**
 * What the items of a run are called: by their index, and by their commands; if those are the same, by what the items
 * are, or else by where their pipelines read.
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

/** The item itself: text as it is, anything else as JSON. */
function valueOf({ item }: ItemSpan): string | undefined {
  return typeof item === "string" ? item : JSON.stringify(item);
}

/** A name as it is shown, of names of which the common begin and end are cut where they are long. */
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
