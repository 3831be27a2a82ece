// Resolves a pipeline against runners into a plan: its stages and what connects them. Pure.

import { quoteArgv } from "../host/quote.ts";
import { commandArgv } from "./chain_argv.ts";
import {
  type CodeNode,
  type CodeRunnerRef,
  type CommandNode,
  type Description,
  type EachNode,
  isCommand,
  type RunnerRef,
  type SinkNode,
  type SourceNode,
  type StageNode,
  type TransformNode,
} from "./nodes.ts";
import { argvToJson } from "./word.ts";

/**
 * What connects two neighbours: nothing (`null`), the file itself (`file`), the stdin or stdout of
 * this process (`inherit`), a kernel pipe (`pipe`), or a stream through this process (`stream`).
 */
export type EdgeKind = "null" | "file" | "inherit" | "pipe" | "stream";

/** A command and the runner that it is bound to. */
export interface PlannedCommand {
  /** The command as data. */
  readonly node: CommandNode;
  /** The runner. */
  readonly runner: RunnerRef;
  /** The command as written. */
  readonly argv: readonly string[];
  /** The command line on this machine that runs it. */
  readonly hostArgv: readonly string[];
}

/** Code, and what runs it. */
export interface PlannedCode {
  /** The code as data. */
  readonly node: CodeNode;
  /** What runs it, whatever runner the pipeline is run with. */
  readonly runner: CodeRunnerRef;
  /** The command line in its machine. */
  readonly argv: readonly string[];
  /** The command line on this machine that runs it. */
  readonly hostArgv: readonly string[];
}

/** A transform, which runs in this process. */
export interface PlannedTransform {
  /** The transform as data. */
  readonly node: TransformNode;
  /** Always absent: transforms need no runner. */
  readonly runner?: undefined;
  /** The name of the transform, as the only word. */
  readonly argv: readonly string[];
}

/** A stage of a plan. */
export type PlannedStage = PlannedCommand | PlannedCode | PlannedTransform;

/**
 * What would run: source, stages, sink, and the edges that connect them. `edges[i]` leads into
 * `stages[i]`, the last edge into the sink.
 *
 * @example
 * ```ts
 * import { cmd, file } from "@execvm/execvm";
 *
 * const plan = file("README.md").pipe(cmd("sort")).pipe(cmd("uniq", "-c")).plan();
 * console.log(plan.edges); // ["file", "pipe", "inherit"]
 * console.log(`${plan}`);
 * ```
 */
export class Plan {
  /** Called by `plan()` of pipelines and fan-outs. */
  constructor(
    readonly source: SourceNode,
    readonly stages: readonly PlannedStage[],
    readonly sink: SinkNode,
    readonly edges: readonly EdgeKind[],
    /** The plan of each item, if the source is a fan-out. */
    readonly items: readonly Plan[] = [],
  ) {
    Object.freeze(this);
  }

  /** Returns the plan as readable lines: each block, the runner of each stage, and the edges. */
  toString(): string {
    const lines = this.stages.flatMap((stage, index) => [
      `  | ${this.edges[index]}`,
      `${stageLabel(stage)}: ${quoteArgv(stage.argv)}`,
      ...hostLine(stage),
    ]);
    return [
      describeNode(this.source),
      ...itemLines(this.items),
      ...lines,
      `  | ${this.edges.at(-1)}`,
      describeNode(this.sink),
    ]
      .join("\n");
  }

  /** Returns the plan as JSON: runner, argv and edges of each stage. */
  toJSON(): unknown {
    return {
      source: describeNode(this.source),
      ...(this.source.type === "each" && { items: this.items }),
      stages: this.stages.map((stage, index) => ({
        runner: stageLabel(stage),
        argv: argvToJson(stage.argv),
        ...(stage.runner !== undefined && { hostArgv: argvToJson(stage.hostArgv) }),
        stdin: this.edges[index],
        stdout: this.edges[index + 1],
      })),
      sink: describeNode(this.sink),
    };
  }
}

/**
 * Returns the plan of a pipeline.
 *
 * @param runner where commands run that are not bound to a runner
 */
export function toPlan(description: Description, runner: RunnerRef): Plan {
  const source = description.source ?? { type: "empty" };
  const sink = description.sink ?? { type: "stdout" };
  const blocks = [source, ...description.stages, sink];
  const edges = blocks.slice(1).map((block, index) => edgeBetween(blocks[index]!, block));
  const stages = description.stages.map((node) => planStage(node, runner));
  const items = source.type !== "each"
    ? []
    : source.items.map(({ pipeline }) =>
      toPlan({ ...pipeline, sink: pipeline.sink ?? ITEM_OUTPUT }, runner)
    );
  return new Plan(source, stages, sink, edges, items);
}

/** Returns whether a stage is a command with its runner. */
export function isPlannedCommand(stage: PlannedStage): stage is PlannedCommand {
  return isCommand(stage.node);
}

/** Stands for the sink of an item without one, whose output is read by this process. */
const ITEM_OUTPUT: SinkNode = { type: "stream", writable: new WritableStream() };

/** How many items `toString` shows. */
const SHOWN_ITEMS = 3;

function itemLines(items: readonly Plan[]): string[] {
  const more = items.length - SHOWN_ITEMS;
  return [
    ...items.slice(0, SHOWN_ITEMS).flatMap((plan, index) =>
      `${plan}`.split("\n").map((line, at) => (at === 0 ? `  ${index}: ` : "     ") + line)
    ),
    ...more > 0 ? [`  .. and ${more} more`] : [],
  ];
}

function planStage(node: StageNode, runner: RunnerRef): PlannedStage {
  if (node.type === "code") {
    const { runner: own } = node;
    return { node, runner: own, argv: own.argv(node), hostArgv: own.hostArgv(node) };
  }
  if (!isCommand(node)) return { node, argv: [node.type] };
  const computer = node.runner ?? runner;
  return { node, runner: computer, argv: commandArgv(node), hostArgv: computer.argv(node) };
}

type Block = SourceNode | StageNode | SinkNode;

/** A kernel object if both sides can use one, as commands can; transforms use streams. */
function edgeBetween(left: Block, right: Block): EdgeKind {
  const [from, to] = [kernelEdge(left), kernelEdge(right)];
  if (from === "pipe" && to === "pipe") return "pipe";
  if (from === "pipe" && to !== undefined) return to;
  if (to === "pipe" && from !== undefined) return from;
  return "stream";
}

function kernelEdge({ type }: Block): EdgeKind | undefined {
  switch (type) {
    case "command":
    case "chain":
    case "code":
      return "pipe";
    case "file":
      return "file";
    case "stdin":
    case "stdout":
      return "inherit";
    case "empty":
    case "discard":
      return "null";
    default:
      return undefined;
  }
}

function stageLabel(stage: PlannedStage): string {
  return stage.runner === undefined ? "js" : stage.runner.kind;
}

function hostLine(stage: PlannedStage): string[] {
  if (stage.runner === undefined || sameArgv(stage.argv, stage.hostArgv)) return [];
  return [`  = ${quoteArgv(stage.hostArgv)}`];
}

function sameArgv(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((word, index) => word === right[index]);
}

/** Returns a source or sink as the call of its builder. */
export function describeNode(node: SourceNode | SinkNode): string {
  switch (node.type) {
    case "file":
      return `file(${JSON.stringify(node.name)})`;
    case "untar":
      return `untar(${JSON.stringify(node.directory)})`;
    case "tar":
      return `tar(${node.files.map((name) => JSON.stringify(name)).join(", ")})`;
    case "text":
      return `text(${node.text.length} characters)`;
    case "bytes":
      return `bytes(${node.bytes.length} bytes)`;
    case "each":
      return `each(${node.items.length} items${describeConcurrency(node)})`;
    default:
      return node === ITEM_OUTPUT ? "the output of the item" : `${node.type}()`;
  }
}

function describeConcurrency({ concurrency }: EachNode): string {
  return concurrency === undefined ? "" : `, ${concurrency} at once`;
}
