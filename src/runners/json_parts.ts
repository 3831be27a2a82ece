// Checks the nested JSON form of pipelines and fan-outs, and makes their parts.

import type { ZodError } from "npm:zod@4.6.7";
import { requireOutputsApart } from "../blocks/outputs_apart.ts";
import type { Pipeline } from "../blocks/pipeline.ts";
import type { codeNode } from "../code/code.ts";
import { PlanError } from "../model/errors.ts";
import type {
  CodeNode,
  Description,
  Json,
  RunnerRef,
  SinkNode,
  SourceNode,
  StageNode,
} from "../model/nodes.ts";
import type { MakeRunner } from "./contract/runner_type.ts";
import { JSON_VERSION, type JsonBlock, pipelineSchema } from "./json_schema.ts";
import { type JsonRunner, nestRunner } from "./nest_runner.ts";

const STAGE_TYPES = new Set(["command", "chain", "code", "gzip", "gunzip", "cpio", "dockerBuild"]);

/** Returns the builder of a kind of runner. */
type MakerOf = (kind: string) => MakeRunner;

/** Builds a stage that runs code. */
type MakeCode = typeof codeNode;

/**
 * Checks the JSON form of a pipeline or a fan-out.
 *
 * @throws {PlanError} if it is invalid.
 */
export function parseJson(value: unknown): JsonBlock {
  checkVersion(value);
  const parsed = pipelineSchema().safeParse(value);
  if (!parsed.success) throw toPlanError(parsed.error);
  return parsed.data;
}

/**
 * Checks the version before the schema does, which would report an unknown field of another version
 * in its place.
 */
function checkVersion(value: unknown): void {
  const { version = JSON_VERSION } = Object(value);
  if (version === JSON_VERSION) return;
  const fact = `version: must be ${JSON_VERSION}: this execvm reads no other`;
  throw new PlanError(`cannot read the pipeline: ${fact}`, "version");
}

/**
 * The runners of a pipeline: commands with the same options share one, as they did where it was
 * built.
 */
class Runners {
  readonly #made = new Map<string, RunnerRef>();
  readonly #makerOf: MakerOf;
  /** Builds stages that run code; absent if there are none. */
  readonly makeCode: MakeCode | undefined;

  constructor(makerOf: MakerOf, makeCode: MakeCode | undefined) {
    this.#makerOf = makerOf;
    this.makeCode = makeCode;
  }

  get(wanted: JsonRunner): RunnerRef {
    const key = JSON.stringify(wanted);
    const known = this.#made.get(key) ?? toRunner(wanted, this.#makerOf);
    this.#made.set(key, known);
    return known;
  }
}

/** The parts of a pipeline. */
type Parts = Pick<Pipeline, "description" | "head" | "tail">;

/**
 * Returns the parts of a pipeline whose form has been checked.
 *
 * @param makerOf returns the builder of a kind of runner
 * @param makeCode builds stages that run code; may be absent if there are none
 * @throws {PlanError} if a runner or code does not accept a value.
 */
export function toParts(
  block: JsonBlock,
  makerOf: MakerOf,
  makeCode: MakeCode | undefined,
): Parts {
  return toPipeline(block, new Runners(makerOf, makeCode));
}

/** Returns whether a form that has been checked has stages that run code. */
export function hasCode(block: JsonBlock): boolean {
  return unnest(block).some(({ type, items = [] }) =>
    type === "code" ||
    (items as readonly { readonly pipeline: JsonBlock }[]).some(({ pipeline }) => hasCode(pipeline))
  );
}

/** Returns the runners of all commands in a form that has been checked. */
export function runnersIn(block: JsonBlock): readonly JsonRunner[] {
  return unnest(block).flatMap((one) => {
    const { runner, items = [] } = one as JsonBlock & {
      readonly runner?: JsonRunner;
      readonly items?: readonly { readonly pipeline: JsonBlock }[];
    };
    return [
      ...runner === undefined ? [] : [runner],
      ...items.flatMap(({ pipeline }) => runnersIn(pipeline)),
    ];
  });
}

function toPipeline(value: JsonBlock, runners: Runners): Parts {
  const blocks = unnest(value);
  const head = STAGE_TYPES.has(blocks[0]!.type) ? "open" : "closed";
  const last = blocks.at(-1)!;
  const isSource = head === "closed" && blocks.length === 1;
  const tail = isSource || STAGE_TYPES.has(last.type) ? "open" : "closed";
  const stages = blocks.slice(head === "closed" ? 1 : 0, tail === "closed" ? -1 : undefined);
  const description: Description = {
    ...(head === "closed" && { source: toSource(blocks[0]!, runners) }),
    stages: stages.map((block) => toStage(block, runners)),
    ...(tail === "closed" && { sink: last as SinkNode }),
  };
  return { description, head, tail };
}

function unnest(block: JsonBlock): JsonBlock[] {
  const blocks: JsonBlock[] = [];
  for (let rest: JsonBlock | undefined = block; rest !== undefined; rest = rest.output) {
    const { output: _output, version: _version, ...flat } = rest;
    blocks.push(flat);
  }
  return blocks;
}

// The schema has checked what follows; the casts only tell the compiler so.

function toSource(block: JsonBlock, runners: Runners): SourceNode {
  if (block.type === "each") return toEach(block, runners);
  if (block.type !== "bytes") return block as SourceNode;
  return { type: "bytes", bytes: Uint8Array.fromBase64(block["base64"] as string) };
}

function toEach(block: JsonBlock, runners: Runners): SourceNode {
  const { items, ...settings } = block as JsonBlock & {
    items: readonly { readonly item?: Json; readonly pipeline: JsonBlock }[];
  };
  const nodes = items.map(({ pipeline, ...named }) => ({
    ...named,
    pipeline: toPipeline(pipeline, runners).description,
  }));
  built("items", () => requireOutputsApart(nodes));
  return { ...settings, items: nodes } as SourceNode;
}

function toStage(block: JsonBlock, runners: Runners): StageNode {
  if (block.type === "code") return toCode(block, runners.makeCode!);
  const { runner, ...rest } = block as JsonBlock & { runner?: JsonRunner };
  if (runner === undefined) return rest as unknown as StageNode;
  return { ...rest, runner: runners.get(runner) } as unknown as StageNode;
}

function toCode(block: JsonBlock, makeCode: MakeCode): StageNode {
  const { image, text, options = {}, stderr } = block as unknown as CodeNode;
  const node = built("code", () => makeCode(image, text, options));
  return stderr === undefined ? node : { ...node, stderr };
}

function toRunner(runner: JsonRunner, makerOf: MakerOf): RunnerRef {
  return built("runner", () => nestRunner(runner, makerOf));
}

/** Builds a part. @throws {PlanError} if its builder does not accept a value. */
function built<T>(part: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
    throw new PlanError(`cannot read the pipeline: ${part}: ${error.message}`, part);
  }
}

function toPlanError(error: ZodError): PlanError {
  const issue = error.issues[0]!;
  const path = issue.path.reduce<string>(
    (whole, key) => typeof key === "number" ? `${whole}[${key}]` : join(whole, String(key)),
    "",
  );
  const fact = issue.message.replace(/^Invalid input: /, "");
  return new PlanError(`cannot read the pipeline: ${path === "" ? "" : `${path}: `}${fact}`, path);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
