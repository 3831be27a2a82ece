// The engine behind the builders: planning and running with real runners.

import type { Engine } from "./blocks/engine.ts";
import type { Description } from "./blocks/nodes.ts";
import { execute } from "./execute.ts";
import { collectBytes } from "./open_sink.ts";
import { toPlan } from "./plan.ts";
import type { RunOptions } from "./result.ts";
import { local } from "./runners/local.ts";

/** Plans and runs pipelines; commands that are not bound run on this machine unless told otherwise. */
export const defaultEngine: Engine = {
  plan: planWith,
  run: (description, options) => execute(planWith(description, options), options),
  bytes: capture,
  text: captureText,
  async lines(description, options) {
    const text = await captureText(description, options);
    return text === "" ? [] : text.split(/\r?\n/);
  },
  async json(description, options) {
    return JSON.parse(await captureText(description, options));
  },
};

function planWith(description: Description, { runner = local() }: Pick<RunOptions, "runner">) {
  return toPlan(description, runner);
}

async function capture(description: Description, options: RunOptions) {
  const sink = collectBytes();
  await execute(planWith({ ...description, sink: sink.node }, options), options, () => sink);
  return concatenate(sink.chunks);
}

async function captureText(description: Description, options: RunOptions): Promise<string> {
  return new TextDecoder().decode(await capture(description, options)).replace(/\r?\n$/, "");
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
