// Closes the stdio of a command that will not be started.

import { abandon } from "../../io/edges.ts";
import type { Stdio } from "../../io/ends.ts";

/** Closes all three ends, so that their other sides see EOF or a broken pipe. */
export async function abandonAll({ stdin, stdout, stderr }: Stdio): Promise<void> {
  for (const end of [stdin, stdout, stderr]) await abandon(end);
}
