// The MCP tools that plan and run pipelines.

import * as z from "npm:zod@4.6.7";
import { StderrTail } from "../host/stderr_tail.ts";
import { toPlan } from "../model/plan.ts";
import { MAX_TIMER_MS } from "../model/require_count.ts";
import type { StageResult } from "../model/result.ts";
import { argvToJson } from "../model/word.ts";
import { chooseImage } from "../prepare/choose_image.ts";
import { execute } from "../run/execute.ts";
import { fromJSON } from "../runners/from_json.ts";
import { vm } from "../runners/vm/runner.ts";
import { boundedSink, FirstBytes, toContent } from "./bounded_output.ts";
import { codeData } from "./code_for_clients.ts";
import { confine, limitedRunner } from "./confine.ts";
import { type Limits, limitsOf, type Policy } from "./policy.ts";
import { reportPhases } from "./run_progress.ts";
import type { Answer, CallContext, Tool } from "./tool.ts";

const pipeline = z.looseObject({ type: z.string() }).describe(
  "The pipeline as nested JSON: a source or a stage, with the rest nested in `output`. Stages: " +
    '{"type":"command","args":["wc","-l"],"env":{},"cwd":"/tmp"}, ' +
    '{"type":"chain","commands":[["make"],["make","test"]],"stdout":"stderr"} (where the stdout of all but ' +
    "the last goes: pass (to the output), stderr, discard), gzip, gunzip, cpio, " +
    '{"type":"code","image":"..","text":"print(input())","options":{"language":"python","args":[],"files":' +
    '{"a.txt":{"base64":".."}}}} (code in /workspace on a prepared image, as run_code; its files are listed). ' +
    'Sources: {"type":"text","text":".."}, {"type":"bytes","base64":".."}, empty. Sinks: discard; ' +
    "without a sink the output is in the result. There is no shell: args is an argv; for a shell use sh -c. " +
    'Write a word or value that is not UTF-8 as {"base64":".."}.',
);

/**
 * Milliseconds from SIGTERM to SIGKILL after the time limit; short, because that is a limit of the
 * server.
 */
const KILL_AFTER_MS = 1000;

/** The limits that a request may set, up to those of the server. */
export const LIMIT_FIELDS = {
  timeoutMs: z.int().positive().max(MAX_TIMER_MS).optional().describe(
    "Time limit in milliseconds",
  ),
  memoryMib: z.int().positive().optional().describe("Memory of each machine, in MiB"),
  cpus: z.int().positive().optional().describe("Processors of each machine"),
  maxOutputBytes: z.int().positive().optional().describe("The most bytes of output to return"),
} as const;

const image = z.string().min(1).optional().describe(
  "A prepared image (list_images) as the root file system of commands; by default they have busybox only",
);

const planInput = z.strictObject({ pipeline, image });

/** The tool `plan_pipeline`: shows what a pipeline would run; starts nothing. */
export const planTool: Tool<z.infer<typeof planInput>> = {
  name: "plan_pipeline",
  title: "Plan a pipeline",
  description: "Shows what a pipeline would run, where, and how it is connected. Starts nothing.",
  input: planInput,
  isReadOnly: true,
  async call({ pipeline, image }, { policy }) {
    const limits = limitsOf({}, policy);
    await using confined = await confinedPipeline({ pipeline, image }, { policy, limits });
    const plan = toPlan(confined.description, confined.runner);
    return { data: { plan: plan.toJSON() }, text: String(plan) };
  },
};

const runInput = z.strictObject({
  pipeline,
  image,
  stdin: z.string().optional().describe("Input of the first stage, if there is no source"),
  ...LIMIT_FIELDS,
});

/** The tool `run_pipeline`: runs a pipeline in fresh machines. */
export const runTool: Tool<z.infer<typeof runInput>> = {
  name: "run_pipeline",
  title: "Run a pipeline",
  description:
    "Runs a pipeline of commands, each in a fresh virtual machine without a network. Returns its output " +
    "and how each stage ended. A command that fails is a result (ok: false), not an error.",
  input: runInput,
  isReadOnly: false,
  async call({ pipeline, image, stdin, ...asked }, context) {
    const limits = limitsOf(asked, context.policy);
    return await runConfined({ pipeline, image, stdin }, { ...context, limits });
  },
};

interface Wanted {
  readonly pipeline: unknown;
  readonly image?: string | undefined;
  readonly stdin?: string | undefined;
}

async function runConfined(
  wanted: Wanted,
  context: CallContext & { readonly limits: Limits },
): Promise<Answer> {
  const { limits: { maxOutputBytes, timeoutMs }, signal } = context;
  const tails: StderrTail[] = [];
  await using confined = await confinedPipeline(wanted, context, (stage) => {
    const tail = tails[stage] = new StderrTail();
    return new WritableStream({ write: (chunk) => tail.push(chunk) });
  });
  const first = new FirstBytes(maxOutputBytes);
  const sink = boundedSink(first);
  const { description, runner } = confined;
  const isOurs = (description.sink ?? { type: "stdout" }).type === "stdout";
  const plan = toPlan({ ...description, ...(isOurs && { sink: sink.node }) }, runner);
  const onEvent = reportPhases(plan.stages.length, context.report);
  const options = { check: false, timeoutMs, killAfterMs: KILL_AFTER_MS, signal, onEvent };
  using _turn = await context.turn();
  const { ok, code, timedOut, stages } =
    await (isOurs ? execute(plan, options, () => sink) : execute(plan, options));
  const output = toContent(first.bytes());
  return {
    data: {
      ok,
      code,
      timedOut,
      ...("text" in output ? { stdout: output.text } : { stdoutBase64: output.base64 }),
      truncated: first.isCut,
      stages: stages.map((stage, index) => stageData(stage, tails[index])),
    },
  };
}

function stageData(stage: StageResult, tail: StderrTail | undefined) {
  const { argv, runner, code, signal, failedLink, durationMs } = stage;
  const failed = failedLink && { ...failedLink, argv: argvToJson(failedLink.argv ?? []) };
  const stderrTail = tail === undefined ? stage.stderrTail : String(tail);
  return {
    argv: argvToJson(argv),
    runner,
    code,
    signal,
    failedLink: failed,
    durationMs: Math.round(durationMs),
    stderrTail,
    codeResult: codeData(stage),
  };
}

/**
 * Parses and confines a pipeline. The result has the runner of its unbound commands too; disposing
 * it disposes all its runners.
 */
async function confinedPipeline(
  { pipeline, image, stdin }: Wanted,
  { policy, limits }: { readonly policy: Policy; readonly limits: Limits },
  stderrOf: (stage: number) => WritableStream<Uint8Array> = () => new WritableStream(),
) {
  const { description } = fromJSON(pipeline);
  await using owned = new AsyncDisposableStack();
  const { memoryMib, cpus } = limits;
  const runner = owned.use(
    image === undefined
      ? await limitedRunner({ kind: "vm", options: {}, argv: () => [] }, policy, limits)
      : vm({ memoryMib, cpus, root: chooseImage(image).path }),
  );
  const confined = await confine(description, { policy, limits, runner, stdin, stderrOf });
  for (const made of confined.runners) owned.use(made);
  const moved = owned.move();
  return {
    description: confined.description,
    runner,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}
