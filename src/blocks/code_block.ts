// The block that runs code on a prepared image.

import type { CodeNode } from "../model/nodes.ts";
import { Pipeline, type Sink } from "./pipeline.ts";

/**
 * Code that has not run yet, as data. It is a pipeline of one stage, so it can be piped and run
 * directly.
 *
 * @example
 * ```ts
 * import { code, discard, text } from "@execvm/execvm";
 *
 * const count = code("py", "print(len(input()))").stderr(discard());
 * const pipeline = text("hello").pipe(count); // await pipeline.text() is "5"
 * ```
 */
export class Code extends Pipeline<"open", "open"> {
  /** The code as data: image, text and options. */
  readonly node: CodeNode;

  /** Called by `code`. */
  constructor(node: CodeNode) {
    super({ stages: [node] }, "open", "open");
    this.node = this.description.stages[0] as CodeNode;
    Object.freeze(this);
  }

  /**
   * Sends stderr to a sink in place of this process's stderr.
   *
   * @param sink `stdout()` is the stdout of this process, not that of the pipeline
   * @throws {TypeError} if it is not a sink.
   */
  stderr(sink: Sink): Code {
    if (typeof sink?.sink?.type !== "string") {
      throw new TypeError("cannot send stderr to this: it is not a sink");
    }
    return new Code({ ...this.node, stderr: sink.sink });
  }
}
