// A fan-out as the source of a pipeline: it gives all outputs, in the order of the items.

import type { OpenSource } from "../io/source.ts";
import type { Plan } from "../model/plan.ts";
import { FanOut, type FanOutOptions } from "./fan_out.ts";

/** Opens the source. Items start when it is first read; cancelling it ends running items. */
export function openEach(plan: Plan, options: FanOutOptions): OpenSource {
  const fanOut = new FanOut(plan, options);
  const chunks = chunksOf(fanOut);
  const end = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => fanOut.stop(),
  }, { highWaterMark: 0 });
  return {
    end,
    bytes: () => undefined,
    async finish() {
      fanOut.stop();
      await chunks.return(undefined); // a cancelled reader may have left a spool file open
      return await fanOut.finish();
    },
    [Symbol.dispose]: () => fanOut.stop(),
  };
}

async function* chunksOf(fanOut: FanOut): AsyncGenerator<Uint8Array> {
  for await (const { output } of fanOut.turns()) yield* output;
}
