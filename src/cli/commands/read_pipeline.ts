// Reading a pipeline that is written as JSON in a file or on stdin.

import type { Pipeline } from "../../blocks/pipeline.ts";
import { printableLine } from "../../host/printable.ts";
import { reason } from "../../io/source.ts";
import { messageOf, PlanError, UsageError } from "../../model/errors.ts";
import { fromJSON } from "../../runners/from_json.ts";

/**
 * The pipeline in `file`, or on stdin for `-`.
 *
 * @throws {PlanError} if it is no JSON, or no pipeline. @throws {UsageError} if it cannot be read.
 */
export async function readPipeline(file: string): Promise<Pipeline> {
  const text = await readText(file);
  return fromJSON(parse(text, file));
}

async function readText(file: string): Promise<string> {
  if (file === "-") return await new Response(Deno.stdin.readable).text();
  return await Deno.readTextFile(file).catch((error) => {
    throw new UsageError(`Cannot read the pipeline ${JSON.stringify(file)} as ${reason(error)}`);
  });
}

/** On one line: what is wrong is quoted there, with the ends of its lines. */
function lineOf(error: unknown): string {
  const message = messageOf(error);
  return printableLine(message, message.length);
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const name = file === "-" ? "stdin" : JSON.stringify(file);
    throw new PlanError(
      `Cannot read a pipeline from ${name} as it is no JSON: ${lineOf(error)}`,
    );
  }
}
