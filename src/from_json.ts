// Reading the nested JSON form of a pipeline.

import type { ZodError } from "npm:zod@4.6.7";
import type { Computer, Description, SinkNode, SourceNode, StageNode } from "./blocks/nodes.ts";
import { Pipeline } from "./blocks/pipeline.ts";
import { PlanError } from "./errors.ts";
import { type JsonBlock, type JsonRunner, pipelineSchema } from "./json_schema.ts";
import { RUNNER_TYPES } from "./runners/mod.ts";

const STAGE_TYPES = new Set(["command", "chain", "gzip", "gunzip", "cpio", "dockerBuild"]);

/**
 * The pipeline that `toJSON` gave `value` for, with runners made anew from their options.
 *
 * @throws {PlanError} if it is none; `path` and message say where, as `output.args[0]`.
 *
 * @example
 * ```ts
 * import { fromJSON } from "@execvm/execvm";
 *
 * await fromJSON({ type: "command", args: ["echo", "hi"], env: {} }).run();
 * ```
 */
export function fromJSON(value: unknown): Pipeline {
  const parsed = pipelineSchema().safeParse(value);
  if (!parsed.success) throw toPlanError(parsed.error);
  const blocks = unnest(parsed.data);
  const head = STAGE_TYPES.has(blocks[0]!.type) ? "open" : "closed";
  const last = blocks.at(-1)!;
  const isSource = head === "closed" && blocks.length === 1;
  const tail = isSource || STAGE_TYPES.has(last.type) ? "open" : "closed";
  return new Pipeline(toDescription(blocks, head, tail), head, tail);
}

function unnest(block: JsonBlock): JsonBlock[] {
  const blocks: JsonBlock[] = [];
  for (let rest: JsonBlock | undefined = block; rest !== undefined; rest = rest.output) {
    const { output: _, ...flat } = rest;
    blocks.push(flat);
  }
  return blocks;
}

function toDescription(
  blocks: readonly JsonBlock[],
  head: "open" | "closed",
  tail: "open" | "closed",
): Description {
  const stages = blocks.slice(head === "closed" ? 1 : 0, tail === "closed" ? -1 : undefined);
  return {
    ...(head === "closed" && { source: toSource(blocks[0]!) }),
    stages: stages.map(toStage),
    ...(tail === "closed" && { sink: blocks.at(-1) as SinkNode }),
  };
}

// What follows is checked by the schema; the casts only tell the compiler so.

function toSource(block: JsonBlock): SourceNode {
  if (block.type !== "bytes") return block as SourceNode;
  return { type: "bytes", bytes: Uint8Array.fromBase64(block["base64"] as string) };
}

function toStage(block: JsonBlock): StageNode {
  const { runner, ...rest } = block as JsonBlock & { runner?: JsonRunner };
  if (runner === undefined) return rest as unknown as StageNode;
  return { ...rest, runner: toRunner(runner) } as unknown as StageNode;
}

function toRunner({ type, ...options }: JsonRunner): Computer {
  try {
    return RUNNER_TYPES.find(({ kind }) => kind === type)!.create(options);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
    throw new PlanError(`Cannot read the pipeline: runner: ${error.message}`, "runner");
  }
}

function toPlanError(error: ZodError): PlanError {
  const issue = error.issues[0]!;
  const path = issue.path.reduce<string>(
    (whole, key) => typeof key === "number" ? `${whole}[${key}]` : join(whole, String(key)),
    "",
  );
  const fact = issue.message.replace(/^Invalid input: /, "");
  return new PlanError(`Cannot read the pipeline: ${path === "" ? "" : `${path}: `}${fact}`, path);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
