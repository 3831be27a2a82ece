// A pipeline of a client, as it may run: whatever the policy does not grant is refused, and all that is limited has
// its limits. What is not known here is refused too.

import {
  type Description,
  isCommand,
  type RunnerRef,
  type SinkNode,
  type SourceNode,
  type StageNode,
} from "../model/nodes.ts";
import { isRunner, type Runner } from "../runners/contract/runner.ts";
import { BUILDERS } from "../runners/create_runner.ts";
import { runnerType } from "../runners/mod.ts";
import { readablePath, writablePath } from "./confined_path.ts";
import { type Limits, type Policy, Refusal, requireRunner } from "./policy.ts";

/** What a pipeline is confined to. */
export interface Confines {
  readonly policy: Policy;
  readonly limits: Limits;
  /** What commands run on that are not bound. */
  readonly runner: Runner;
  /** What the first stage reads, if the pipeline has no source. */
  readonly stdin: string | undefined;
  /** Takes the stderr of a stage. */
  readonly stderrOf: (stage: number) => WritableStream<Uint8Array>;
}

/** A pipeline that may run, with the runners that were made for it, which the caller disposes. */
export interface Confined {
  readonly description: Description;
  readonly runners: readonly Runner[];
}

/** Commands of a pipeline, each of which may have a machine. */
const MAX_COMMANDS = 8;

/** Confines a pipeline. @throws {Refusal} if it wants what it may not have. */
export async function confine(
  { source, stages, sink }: Description,
  confines: Confines,
): Promise<Confined> {
  const commands = stages.filter(isCommand).length;
  if (commands > MAX_COMMANDS) {
    throw new Refusal(
      `Cannot run ${commands} commands in a pipeline as the most is ${MAX_COMMANDS}`,
    );
  }
  const confined: StageNode[] = [];
  const runners: Runner[] = [];
  for (const [index, stage] of stages.entries()) {
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
  if (!isCommand(stage)) throw new Refusal(`Cannot use ${stage.type} as clients may not`);
  const { stderr } = stage;
  if (stderr?.type === "stdout") {
    throw new Refusal("Cannot send stderr to stdout as the result has both apart");
  }
  return {
    ...stage,
    runner: stage.runner === undefined ? runner : limitedRunner(stage.runner, policy, limits),
    stderr: stderr === undefined
      ? { type: "stream", writable: stderrOf(index) }
      : await confineSink(stderr, policy),
  };
}

/** The same runner with limits, anew. @throws {Refusal} if a client may not use it so. */
export function limitedRunner(
  { kind, options }: RunnerRef,
  policy: Policy,
  limits: Pick<Limits, "memoryMib" | "cpus">,
): Runner {
  const type = runnerType(kind)!;
  requireRunner(kind, options, { target: type.target, policy });
  const { memoryMib = limits.memoryMib, cpus = limits.cpus } = options;
  if (typeof memoryMib === "number" && memoryMib > policy.maxMemoryMib) {
    throw new Refusal(
      `Cannot have memoryMib ${memoryMib} as the most here is ${policy.maxMemoryMib}`,
    );
  }
  if (typeof cpus === "number" && cpus > navigator.hardwareConcurrency) {
    throw new Refusal(
      `Cannot have cpus ${cpus} as the most here is ${navigator.hardwareConcurrency}`,
    );
  }
  return BUILDERS[kind]!({
    ...options,
    ...("memoryMib" in type.options && { memoryMib }),
    ...("cpus" in type.options && { cpus }),
  });
}

async function confineSource(
  source: SourceNode | undefined,
  { policy, stdin }: Confines,
): Promise<SourceNode> {
  if (source === undefined) {
    return stdin === undefined ? { type: "empty" } : { type: "text", text: stdin };
  }
  if (stdin !== undefined) throw new Refusal("Cannot take stdin as the pipeline has a source");
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
      if (isAbsolute) throw new Refusal("Cannot pack absolute names as they are below directory");
      return { ...source, directory };
    }
    default:
      throw new Refusal(
        `Cannot take ${source.type} as a source from a client: give stdin, or text`,
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
      throw new Refusal(`Cannot write to ${sink.type} as a client has none`);
  }
}
