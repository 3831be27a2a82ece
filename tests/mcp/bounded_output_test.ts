import assert from "node:assert/strict";
import { boundedSink, FirstBytes, toContent } from "../../src/mcp/bounded_output.ts";

Deno.test("FirstBytes keeps the first bytes and tells whether there were more", () => {
  const first = new FirstBytes(5);
  assert.equal(first.push(new Uint8Array([1, 2, 3])), true);
  assert.equal(first.push(new Uint8Array([4, 5])), true);
  assert.equal(first.isCut, false);
  assert.equal(first.push(new Uint8Array([6])), false);
  assert.deepEqual([...first.bytes()], [1, 2, 3, 4, 5]);
  assert.equal(first.isCut, true);
});

Deno.test("boundedSink() cancels its input once it is full", async () => {
  let cancelled = false;
  const readable = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(100)),
    cancel: () => void (cancelled = true),
  });
  const first = new FirstBytes(250);
  using sink = boundedSink(first);
  await sink.consume(readable, new AbortController().signal);
  assert.equal(first.bytes().length, 250);
  assert.ok(first.isCut && cancelled);
});

Deno.test("boundedSink() passes on the error of a stream", async () => {
  using sink = boundedSink(new FirstBytes(10));
  const readable = new ReadableStream({ start: (controller) => controller.error(new Error("x")) });
  await assert.rejects(sink.consume(readable, new AbortController().signal), /x/);
});

Deno.test("toContent() returns text for UTF-8, otherwise base64", () => {
  assert.deepEqual(toContent(new TextEncoder().encode("\ufeffä")), { text: "\ufeffä" });
  assert.deepEqual(toContent(new Uint8Array([255, 0])), { base64: "/wA=" });
});
