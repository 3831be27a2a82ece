// Writes the nested JSON form of pipelines, in which each block has the next one as `output`.

import { PlanError } from "./errors.ts";
import type {
  CodeNode,
  CodeValue,
  CommandNode,
  Description,
  EachNode,
  Json,
  RunnerRef,
  SinkNode,
  SourceNode,
  StageNode,
} from "./nodes.ts";
import { argvToJson, variablesToJson, wordToJson } from "./word.ts";

type JsonObject = { readonly [key: string]: Json };

/** Returns the JSON form of a pipeline. @throws {PlanError} if a stream is part of it. */
export function toJson(description: Description): Json {
  const { source, stages, sink } = description;
  const blocks = [
    ...source === undefined ? [] : [sourceToJson(source)],
    ...stages.map(stageToJson),
    ...sink === undefined ? [] : [sinkToJson(sink)],
  ];
  return blocks.reduceRight<JsonObject>(
    (output, block) => ({ ...block, ...Object.keys(output).length > 0 && { output } }),
    {},
  );
}

/** Returns the JSON form of a runner: its kind as `type`, and its options. */
export function runnerToJson(computer: RunnerRef): JsonObject {
  const options = Object.entries(computer.options).map(([name, value]) => [name, finite(value)]);
  return { type: computer.kind, ...Object.fromEntries(options) };
}

/** Replaces Infinity, which JSON would write as null. */
function finite(value: Json): Json {
  return value === Infinity ? Number.MAX_SAFE_INTEGER : value;
}

function sourceToJson(source: SourceNode): JsonObject {
  if (source.type === "stream") throw streamError();
  if (source.type === "bytes") return { type: "bytes", base64: source.bytes.toBase64() };
  if (source.type === "each") return eachToJson(source);
  return { ...source };
}

function eachToJson({ items, retry, ...plain }: EachNode): JsonObject {
  return {
    ...plain,
    ...(retry !== undefined && { retry: { ...retry } }),
    items: items.map(({ pipeline, ...named }) => ({ ...named, pipeline: toJson(pipeline) })),
  };
}

function stageToJson(stage: StageNode): JsonObject {
  if (stage.type === "code") return codeToJson(stage);
  if (stage.type !== "command" && stage.type !== "chain") return { ...stage };
  return commandToJson(stage);
}

function commandToJson(node: CommandNode): JsonObject {
  const { runner, stderr, cwd, env, ...plain } = node;
  const words = plain.type === "command"
    ? { ...plain, args: argvToJson(plain.args) }
    : { ...plain, commands: plain.commands.map(argvToJson) };
  return {
    ...words,
    env: variablesToJson(env),
    ...(cwd !== undefined && { cwd: wordToJson(cwd) }),
    ...(runner !== undefined && { runner: runnerToJson(runner) }),
    ...(stderr !== undefined && { stderr: sinkToJson(stderr) }),
  };
}

function codeToJson({ type, image, text, options, stderr }: CodeNode): JsonObject {
  return {
    type,
    image,
    text,
    ...(Object.keys(options).length > 0 && { options: valueToJson(options) }),
    ...(stderr !== undefined && { stderr: sinkToJson(stderr) }),
  };
}

function valueToJson(value: CodeValue): Json {
  if (typeof value === "string") return wordToJson(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { base64: value.toBase64() };
  if (Array.isArray(value)) return value.map(valueToJson);
  return Object.fromEntries(
    Object.entries(value).map(([name, part]): [string, Json] => [name, valueToJson(part)]),
  );
}

function sinkToJson(sink: SinkNode): JsonObject {
  if (sink.type === "stream") throw streamError();
  return { ...sink };
}

function streamError(): PlanError {
  return new PlanError("cannot write a pipeline as JSON: a stream is part of it");
}
