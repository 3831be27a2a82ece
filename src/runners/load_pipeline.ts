// Reads the nested JSON form of a pipeline, loading only the runners that occur in it.

import { Pipeline } from "../blocks/pipeline.ts";
import { hasCode, parseJson, runnersIn, toParts } from "./json_parts.ts";
import { loadMakers } from "./load_runner.ts";

/**
 * Returns the pipeline of a JSON form, as `fromJSON` does.
 *
 * @param value the parsed JSON
 * @throws {PlanError} if it is invalid.
 */
export async function loadPipeline(value: unknown): Promise<Pipeline> {
  const block = parseJson(value);
  const makers = await loadMakers(runnersIn(block));
  const makeCode = hasCode(block) ? (await import("../code/code.ts")).codeNode : undefined;
  const { description, head, tail } = toParts(block, makers, makeCode);
  return new Pipeline(description, head, tail);
}
