// Confines a client's pipeline: refuses what the policy does not grant, including everything
// unknown, and applies the limits.

import {
  type CommandNode,
  type Description,
  isCommand,
  type RunnerRef,
  type SinkNode,
  type SourceNode,
  type StageNode,
} from "../model/nodes.ts";
import { isRunner, type Runner } from "../runners/contract/runner.ts";
import { builderOf } from "../runners/builders.ts";
import { runnerType } from "../runners/mod.ts";
import { nestRunner } from "../runners/nest_runner.ts";
import { confineCode } from "./code_for_clients.ts";
import { confineOptions } from "./confined_options.ts";
import { readablePath, writablePath } from "./confined_path.ts";
import { type Limits, type Policy, Refusal, requireRunner } from "./policy.ts";

/** The policy and limits of a pipeline, and its defaults. */
export interface Confines {
  readonly policy: Policy;
  readonly limits: Limits;
  /** The runner of commands that are not bound to one. */
  readonly runner: Runner;
  /** The input of the first stage, if the pipeline has no source. */
  readonly stdin: string | undefined;
  /** Returns the stream for the stderr of a stage. */
  readonly stderrOf: (stage: number) => WritableStream<Uint8Array>;
}

/** A pipeline that may run, and the runners that were made for it, which the caller disposes. */
export interface Confined {
  readonly description: Description;
  readonly runners: readonly Runner[];
}

/** The most commands of a pipeline, as each may need a machine. */
const MAX_COMMANDS = 8;

/** The fields of commands and chains that may run; whatever else they gain is refused. */
const COMMAND_FIELDS: readonly string[] = [
  ...["type", "args", "commands", "stdout"],
  ...["env", "cwd", "runner", "stderr"],
];

/** Confines a pipeline. @throws {Refusal} if it uses something that it may not. */
export async function confine(
  { source, stages, sink }: Description,
  confines: Confines,
): Promise<Confined> {
  const commands = stages.filter((stage) => isCommand(stage) || stage.type === "code").length;
  if (commands > MAX_COMMANDS) {
    throw new Refusal(
      `cannot run ${commands} commands in a pipeline: the most is ${MAX_COMMANDS}`,
    );
  }
  const confined: StageNode[] = [];
  const runners: Runner[] = [];
  for (const [index, stage] of stages.entries()) {
    if (isCommand(stage)) requireKnownFields(stage);
    const node = await confineStage(stage, index, confines);
    confined.push(node);
    if (isCommand(node) && node.runner !== undefined && isRunner(node.runner)) {
      if (node.runner !== confines.runner) runners.push(node.runner);
    }
  }
  const description = {
    source: await confineSource(source, confines),
    stages: confined,
    ...(sink !== undefined && { sink: await confineSink(sink, confines.policy) }),
  };
  return { description, runners };
}

async function confineStage(
  stage: StageNode,
  index: number,
  { policy, limits, runner, stderrOf }: Confines,
): Promise<StageNode> {
  if (stage.type === "gzip" || stage.type === "gunzip" || stage.type === "cpio") return stage;
  if (!isCommand(stage) && stage.type !== "code") {
    throw new Refusal(`cannot use ${stage.type}: clients may not`);
  }
  const { stderr } = stage;
  if (stderr?.type === "stdout") {
    throw new Refusal("cannot send stderr to stdout: the result has them separately");
  }
  const errors: SinkNode = stderr === undefined
    ? { type: "stream", writable: stderrOf(index) }
    : await confineSink(stderr, policy);
  if (stage.type === "code") return await confineCode(stage, errors, { policy, limits });
  return {
    ...stage,
    runner: stage.runner === undefined ? runner : await limitedRunner(stage.runner, policy, limits),
    stderr: errors,
  };
}

function requireKnownFields(stage: CommandNode): void {
  const stray = Object.keys(stage).find((field) => !COMMAND_FIELDS.includes(field));
  if (stray !== undefined) throw new Refusal(`cannot use ${stray} of a command: clients may not`);
}

/**
 * Makes a runner with the same options, its paths confined, and the limits.
 *
 * @throws {Refusal} if clients may not use it so.
 */
export async function limitedRunner(
  { kind, options }: RunnerRef,
  policy: Policy,
  limits: Pick<Limits, "memoryMib" | "cpus">,
): Promise<Runner> {
  const type = runnerType(kind)!;
  requireRunner(kind, options, { target: type.target, policy });
  const { memoryMib = limits.memoryMib, cpus = limits.cpus } = options;
  if (typeof memoryMib === "number" && memoryMib > policy.maxMemoryMib) {
    throw new Refusal(
      `cannot use memoryMib ${memoryMib}: the most here is ${policy.maxMemoryMib}`,
    );
  }
  if (typeof cpus === "number" && cpus > navigator.hardwareConcurrency) {
    throw new Refusal(
      `cannot use cpus ${cpus}: the most here is ${navigator.hardwareConcurrency}`,
    );
  }
  return nestRunner({
    type: kind,
    ...await confineOptions(kind, options, policy),
    ...("memoryMib" in type.options && { memoryMib }),
    ...("cpus" in type.options && { cpus }),
  }, builderOf);
}

async function confineSource(
  source: SourceNode | undefined,
  { policy, stdin }: Confines,
): Promise<SourceNode> {
  if (source === undefined) {
    return stdin === undefined ? { type: "empty" } : { type: "text", text: stdin };
  }
  if (stdin !== undefined) throw new Refusal("cannot use stdin: the pipeline has a source");
  switch (source.type) {
    case "text":
    case "bytes":
    case "empty":
      return source;
    case "file":
      return { ...source, name: await readablePath(source.name, policy) };
    case "tar": {
      const directory = await readablePath(source.directory ?? ".", policy);
      for (const name of source.files) await readablePath(`${directory}/${name}`, policy);
      const isAbsolute = source.files.some((name) => name.startsWith("/"));
      if (isAbsolute) throw new Refusal("cannot pack absolute names: they must be below directory");
      return { ...source, directory };
    }
    default:
      throw new Refusal(
        `cannot use the source ${source.type}: clients may not: give stdin, or text`,
      );
  }
}

async function confineSink(sink: SinkNode, policy: Policy): Promise<SinkNode> {
  switch (sink.type) {
    case "stdout":
    case "discard":
      return sink;
    case "file":
      return { ...sink, name: await writablePath(sink.name, policy) };
    case "untar":
      return { ...sink, directory: await writablePath(sink.directory, policy) };
    default:
      throw new Refusal(`cannot use the sink ${sink.type}: clients may not`);
  }
}
