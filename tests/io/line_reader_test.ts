import assert from "node:assert/strict";
import { concatenate, toLines } from "../../src/blocks/output.ts";
import { LineReader } from "../../src/io/line_reader.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

function reading(chunks: readonly (string | Bytes)[]): LineReader {
  const all = chunks.map((chunk) => typeof chunk === "string" ? encoder.encode(chunk) : chunk);
  return new LineReader(ReadableStream.from(all), () => {});
}

Deno.test("lines are the same wherever the chunks are cut, and the same as those of lines()", async () => {
  const outputs = ["", "\n", "\n\n", "a", "a\n", "a\r\nb\r\n", "a\rb\r\r\n", "ü€😀\nx", "\ufeffa\n"]
    .map((text) => encoder.encode(text));
  outputs.push(Uint8Array.of(0x61, 0xff, 0xe2, 0x82, 0x0a, 0xf0, 0x9f, 0x0d, 0x0a));
  for (const output of outputs) {
    for (let first = 0; first <= output.length; first++) {
      for (let second = first; second <= output.length; second++) {
        const chunks = [
          output.slice(0, first),
          output.slice(first, second),
          output.slice(second),
        ];
        assert.deepEqual(concatenate(chunks), output);
        assert.deepEqual(await Array.fromAsync(reading(chunks)), toLines(output));
      }
    }
  }
});

Deno.test("concurrent calls of next() are answered in order", async () => {
  const lines = reading(["a\nb\n", "c\n"]);
  const nexts = Array.from({ length: 5 }, () => lines.next());
  assert.deepEqual((await Promise.all(nexts)).map(({ value }) => value), [
    "a",
    "b",
    "c",
    undefined,
    undefined,
  ]);
});

Deno.test("return() answers a next() that waits, and unlocks the stream", async () => {
  let hasLeft = false;
  const stream = new ReadableStream<Bytes>();
  const lines = new LineReader(stream, () => hasLeft = true);
  const next = lines.next();
  await lines.return();
  assert.deepEqual(await next, { done: true, value: undefined });
  assert.deepEqual([hasLeft, stream.locked], [true, false]);
  assert.equal((await lines.next()).done, true);
});

Deno.test("an error of the stream is that of next(), and the lines before it are not lost", async () => {
  const parts: Bytes[] = [encoder.encode("a\nb")];
  const stream = new ReadableStream<Bytes>({
    pull(controller) {
      const part = parts.shift();
      if (part === undefined) controller.error(new Error("broken"));
      else controller.enqueue(part);
    },
  }, { highWaterMark: 0 });
  const lines = new LineReader(stream, () => {});
  assert.equal((await lines.next()).value, "a");
  await assert.rejects(lines.next(), /^Error: broken$/);
  assert.equal((await lines.next()).done, true);
});

Deno.test("a line that is too long is an error in one line, not all the memory", async () => {
  const chunk = new Uint8Array(1 << 24).fill(0x61);
  const endless = new ReadableStream<Bytes>({ pull: (controller) => controller.enqueue(chunk) });
  const lines = new LineReader(endless, () => {});
  await assert.rejects(
    lines.next(),
    /^RangeError: cannot read a line of over 268435456 characters:/,
  );
});
