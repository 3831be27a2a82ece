import assert from "node:assert/strict";
import { idAtAnEnd, messageLines } from "../../src/mcp/message_lines.ts";

async function linesOf(chunks: readonly string[], maxBytes = 1000) {
  const encoder = new TextEncoder();
  const lines = [];
  const source = ReadableStream.from(chunks.map((chunk) => encoder.encode(chunk)));
  for await (const line of messageLines(source, maxBytes)) lines.push(line);
  return lines;
}

Deno.test("messageLines() yields lines, however the stream is cut", async () => {
  const text = '{"a":"ä"}\r\n\n  \n{"b":1}\nrest';
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const source = ReadableStream.from([bytes.slice(0, cut), bytes.slice(cut)]);
    const lines = [];
    for await (const line of messageLines(source, 1000)) lines.push(line);
    assert.deepEqual(lines, [{ text: '{"a":"ä"}\r' }, { text: '{"b":1}' }], `cut at ${cut}`);
  }
});

Deno.test("messageLines() accepts a line of the most bytes, and keeps the ends of a longer one", async () => {
  assert.deepEqual(await linesOf(["1234\n", "12345\nok\n"], 4), [
    { text: "1234" },
    { start: "12345", end: "12345" },
    { text: "ok" },
  ]);
});

Deno.test("messageLines() keeps little of a line that is too long", async () => {
  const chunks = ["start", ...Array(100).fill("x".repeat(1000)), "end\n", "ok\n"];
  const [long, next] = await linesOf(chunks, 2000);
  assert.ok(long !== undefined && "start" in long);
  assert.match(long.start, /^startx+$/);
  assert.match(long.end, /^x+end$/);
  assert.deepEqual([long.start.length, long.end.length], [256, 256]);
  assert.deepEqual(next, { text: "ok" });
});

const IDS: readonly [string, string, string | number | undefined][] = [
  ['{"jsonrpc":"2.0","id":7,"method":"x', "zzz", 7],
  ['{ "id" : "a", "method":"x', "zzz", "a"],
  ["zzz", 'zzz"},"jsonrpc":"2.0","id":3}', 3],
  ["zzz", 'zzz"},"id":-1,"jsonrpc":"2.0"}', -1],
  ["zzz", 'zzz,"id":3}}', undefined],
  ["zzz", 'zzz,\\"id\\":3}', undefined],
  ['{"method":"x","id":7,', "zzz", undefined],
  ["", "", undefined],
];

for (const [start, end, id] of IDS) {
  Deno.test(`idAtAnEnd() of ${start} .. ${end}`, () => {
    assert.equal(idAtAnEnd({ start, end }), id);
  });
}
