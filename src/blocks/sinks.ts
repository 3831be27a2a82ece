// Sinks: where a pipeline ends. `file` and `stream` are among the sources.

import type { SinkNode } from "../model/nodes.ts";
import type { Sink } from "./pipeline.ts";
import { requirePath } from "./sources.ts";

/** Our own stdout; a command gets the very descriptor. */
export function stdout(): Sink {
  return sink({ type: "stdout" });
}

/** Nowhere. */
export function discard(): Sink {
  return sink({ type: "discard" });
}

/**
 * A folder into which a tar archive is unpacked. It is unpacked aside and moved into place when the
 * whole pipeline has succeeded. Entries that would reach outside of the folder, and device nodes, are
 * refused.
 */
export function untar(directory: string): Sink {
  return sink({ type: "untar", directory: requirePath(directory, "untar") });
}

function sink(node: SinkNode): Sink {
  return Object.freeze({ sink: Object.freeze(node) });
}
