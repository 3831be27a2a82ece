// Giving up the ends of a command that is not started.

import { abandon } from "../../io/edges.ts";
import type { Stdio } from "../../io/ends.ts";

/** Gives up all three ends. */
export async function abandonAll({ stdin, stdout, stderr }: Stdio): Promise<void> {
  for (const end of [stdin, stdout, stderr]) await abandon(end);
}
