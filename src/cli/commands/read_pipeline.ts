// Reads a pipeline as JSON from a file or stdin.

import type { Pipeline } from "../../blocks/pipeline.ts";
import { printableLine } from "../../host/printable.ts";
import { reason } from "../../io/source.ts";
import { messageOf, PlanError, UsageError } from "../../model/errors.ts";
import { loadPipeline } from "../../runners/load_pipeline.ts";

/**
 * Reads the pipeline in `file`; `-` is stdin.
 *
 * @throws {PlanError} if it is not JSON, or not a pipeline.
 * @throws {UsageError} if it cannot be read.
 */
export async function readPipeline(file: string): Promise<Pipeline> {
  const text = await readText(file);
  return await loadPipeline(parse(text, file));
}

async function readText(file: string): Promise<string> {
  if (file === "-") return await new Response(Deno.stdin.readable).text();
  return await Deno.readTextFile(file).catch((error) => {
    throw new UsageError(`cannot read the pipeline ${JSON.stringify(file)}: ${reason(error)}`);
  });
}

/** The message on one line: those of JSON.parse quote the input, with its newlines. */
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
      `cannot read a pipeline from ${name}: it is not JSON: ${lineOf(error)}`,
    );
  }
}
