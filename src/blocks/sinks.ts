// The sinks `stdout`, `discard` and `untar`. `file` and `stream` are in sources.ts.

import type { SinkNode } from "../model/nodes.ts";
import type { Sink } from "./pipeline.ts";
import { requirePath } from "./sources.ts";

/**
 * Returns a sink that is the stdout of this process. A last command inherits the descriptor itself.
 *
 * @example
 * ```ts
 * import { cmd, stdout } from "@execvm/execvm";
 *
 * await cmd("echo", "hello").to(stdout()).run();
 * ```
 */
export function stdout(): Sink {
  return sink({ type: "stdout" });
}

/**
 * Returns a sink that discards all bytes.
 *
 * @example
 * ```ts
 * import { cmd, discard } from "@execvm/execvm";
 *
 * await cmd("echo", "hello").to(discard()).run();
 * ```
 */
export function discard(): Sink {
  return sink({ type: "discard" });
}

/**
 * Returns a sink that unpacks a tar archive into a folder. The archive is unpacked to a temporary
 * place and moved into the folder once the whole pipeline has succeeded. An archive with device
 * nodes, or with entries that would reach outside the folder, fails the run.
 *
 * @param directory path on this machine
 * @throws {TypeError} if it is empty, contains NUL, or is not a well-formed string.
 *
 * @example
 * ```ts
 * import { tar, untar } from "@execvm/execvm";
 *
 * const copy = Deno.makeTempDirSync();
 * await tar("src/blocks").to(untar(copy)).run();
 * ```
 */
export function untar(directory: string): Sink {
  return sink({ type: "untar", directory: requirePath(directory, "untar") });
}

function sink(node: SinkNode): Sink {
  return Object.freeze({ sink: Object.freeze(node) });
}
