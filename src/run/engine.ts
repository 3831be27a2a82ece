// The engine behind the builders: it plans and runs pipelines.

import type { Engine } from "../blocks/engine.ts";
import { concatenate, toLines, toParsed, toText } from "../blocks/output.ts";
import { itemOutputs } from "../fan_out/item_outputs.ts";
import { collectBytes } from "../io/open_sink.ts";
import { withOutput } from "../model/errors.ts";
import type { Description, EachNode } from "../model/nodes.ts";
import { toPlan } from "../model/plan.ts";
import type { ItemOutput } from "../model/result.ts";
import type { RunOptions } from "../model/run_options.ts";
import { local } from "../runners/local/runner.ts";
import { checkOptions, execute, toResult } from "./execute.ts";
import { iterate, start } from "./start.ts";

/** Plans and runs pipelines. Commands without a runner run on this machine by default. */
export const defaultEngine: Engine = {
  plan: planWith,
  run: (description, options) => execute(planWith(description, options), options),
  bytes: readBytes,
  text: async (description, options) => toText(await readBytes(description, options)),
  lines: async (description, options) => toLines(await readBytes(description, options)),
  json: async (description, options) => toParsed(await readBytes(description, options)),
  async capture(description, options) {
    const { capture } = await import("./capture.ts");
    return await capture((sink) => planWith({ ...description, sink }, options), options);
  },
  async captureItems(node, options) {
    const { captureItems } = await import("../fan_out/capture_items.ts");
    const { stderr: _stderr, ...rest } = options;
    checkOptions(rest);
    return await captureItems(planWith({ source: node, stages: [] }, rest), options, execute);
  },
  start: (description, options) => start(description, options, planWith),
  iterate: (description) => iterate(description, planWith),
  results: runEach,
  async outputs(node, options, read) {
    const running = runEach(node, options);
    const items: ItemOutput[] = [];
    let next = await running.next();
    for (; next.done !== true; next = await running.next()) items.push(next.value);
    toResult(next.value, options);
    return items.map((item) => read(item.output, item));
  },
};

async function* runEach(node: EachNode, options: RunOptions) {
  checkOptions(options);
  return yield* itemOutputs(planWith({ source: node, stages: [] }, options), options, execute);
}

function planWith(description: Description, { runner = local() }: Pick<RunOptions, "runner">) {
  return toPlan(description, runner);
}

async function readBytes(description: Description, options: RunOptions) {
  const sink = collectBytes();
  const plan = planWith({ ...description, sink: sink.node }, options);
  try {
    await execute(plan, options, () => sink);
  } catch (error) {
    throw withOutput(error, () => concatenate(sink.chunks));
  }
  return concatenate(sink.chunks);
}
