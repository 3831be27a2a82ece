import assert from "node:assert/strict";
import { LineReader } from "../../../src/runners/ssh/line_reader.ts";

const TEXT = "first\n\nthïrd\nno end";

Deno.test("LineReader returns lines wherever the stream is cut", async () => {
  const bytes = new TextEncoder().encode(TEXT);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)];
    const lines = new LineReader(ReadableStream.from(chunks));
    const read = await Promise.all([lines.next(), lines.next(), lines.next(), lines.next()]);
    assert.deepEqual(read, ["first", "", "thïrd", undefined], `cut at ${cut}`);
  }
});

Deno.test("cancelling a LineReader ends pending calls", async () => {
  const lines = new LineReader(new ReadableStream());
  const waiting = lines.next();
  await lines.cancel();
  assert.equal(await waiting, undefined);
});
