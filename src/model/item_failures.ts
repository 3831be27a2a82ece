// Describes the failed items of a fan-out in one line.

import { explainFault } from "../host/fault.ts";
import type { ItemResult } from "./result.ts";

/** How many failed items are named. */
const NAMED = 3;

/** How many characters of an item are shown. */
const SHOWN = 40;

/** Returns how many items failed, with the index and error of the first few. */
export function describeFailures(items: readonly ItemResult[]): string {
  const failed = items.filter(({ status }) => status === "failed");
  const named = failed.slice(0, NAMED).map((item) => `${nameOf(item)}: ${firstLine(item.error)}`);
  const more = failed.length - named.length;
  const rest = more > 0 ? `; and ${more} more` : "";
  const notRun =
    items.filter(({ status }) => status === "skipped" || status === "cancelled").length;
  const left = notRun > 0 ? ` (${notRun} did not finish)` : "";
  const which = named.length > 0 ? `: ${named.join("; ")}${rest}` : "";
  return `${failed.length} of ${items.length} items failed${left}${which}`;
}

/** Returns the index, and the item itself if it is known. */
function nameOf({ index, item }: ItemResult): string {
  if (item === undefined) return `item ${index}`;
  const text = JSON.stringify(item);
  return `item ${index} (${text.length > SHOWN ? `${text.slice(0, SHOWN)}..` : text})`;
}

function firstLine(error: unknown): string {
  const message = explainFault(error);
  return message.split("\n", 1)[0]!.replace(/:$/, "");
}
