// Reads the nested JSON form of pipelines and fan-outs synchronously, with all runners loaded.

import { Each } from "../blocks/each.ts";
import { Pipeline } from "../blocks/pipeline.ts";
import { codeNode } from "../code/code.ts";
import { PlanError } from "../model/errors.ts";
import { builderOf } from "./builders.ts";
import { parseJson, toParts } from "./json_parts.ts";

/**
 * Returns the pipeline of a JSON form that `toJSON` has written. Runners are created from their
 * options.
 *
 * @param value the parsed JSON
 * @throws {PlanError} if it is invalid; `path` and message name the place, such as
 * `output.args[0]`.
 *
 * @example
 * ```ts
 * import { fromJSON } from "@execvm/execvm";
 *
 * await fromJSON({ type: "command", args: ["echo", "hi"], env: {} }).run();
 * ```
 */
export function fromJSON(value: unknown): Pipeline {
  const { description, head, tail } = toParts(parseJson(value), builderOf, codeNode);
  return new Pipeline(description, head, tail);
}

/**
 * Returns the fan-out of a JSON form that `toJSON` of a fan-out has written. (`fromJSON` would
 * return a pipeline whose source is the fan-out.)
 *
 * @param value the parsed JSON
 * @throws {PlanError} if it is not a fan-out, or its output goes to further stages or a sink.
 *
 * @example
 * ```ts
 * import { cmd, each, eachFromJSON } from "@execvm/execvm";
 *
 * const stored = JSON.stringify(each([1, 2], (n) => cmd("seq", `${n}`)));
 * await eachFromJSON(JSON.parse(stored)).run(); // prints both outputs, in order
 * ```
 */
export function eachFromJSON(value: unknown): Each {
  const { description: { source, stages, sink } } = toParts(parseJson(value), builderOf, codeNode);
  if (source?.type !== "each" || stages.length > 0 || sink !== undefined) {
    throw new PlanError("cannot read a fan-out: this is not an each, or its output goes on");
  }
  const hasSink = source.items.some(({ pipeline }) => pipeline.sink !== undefined);
  return new Each(source, hasSink ? "closed" : "open");
}
