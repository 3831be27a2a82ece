import assert from "node:assert/strict";
import { MAX_MESSAGE_BYTES, StdioTransport } from "../../src/mcp/stdio_transport.ts";

/** A transport with a client that writes `lines` and disconnects. */
async function exchange(lines: readonly string[]) {
  const encoder = new TextEncoder();
  const input = ReadableStream.from(lines.map((line) => encoder.encode(`${line}\n`)));
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const answered = new Response(output.readable).text();
  const messages: unknown[] = [];
  const transport = new StdioTransport(input, output.writable);
  transport.onmessage = (message) => void messages.push(message);
  await transport.start();
  await transport.closed;
  const answers = (await answered).split("\n").filter((line) => line !== "");
  return { messages, answers: answers.map((line) => JSON.parse(line)) };
}

const CLAIM = "io.modelcontextprotocol/protocolVersion";
const request = (id: number, params: unknown = {}, method = "tools/list") =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params });

Deno.test("the transport delivers requests, notifications and responses", async () => {
  const lines = [
    request(1),
    request(2, { _meta: { [CLAIM]: "2026-07-28" } }),
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    '{"jsonrpc":"2.0","id":"a","result":{}}',
  ];
  const { messages, answers } = await exchange(lines);
  assert.deepEqual(messages, lines.map((line) => JSON.parse(line)));
  assert.deepEqual(answers, []);
});

const ANSWERED: readonly [string, string, unknown, number, RegExp][] = [
  ["what is not JSON", "{", null, -32700, /it is not JSON/],
  ["bytes that are not text", "\u0000\ufffd", null, -32700, /it is not JSON/],
  ["JSON that is not an object", "5", null, -32600, /not a JSON-RPC 2.0 request/],
  ["null", "null", null, -32600, /not a JSON-RPC/],
  ["a batch", "[]", null, -32600, /no batches/],
  ["a request without a method", '{"jsonrpc":"2.0","id":7}', 7, -32600, /not a JSON-RPC/],
  ["another JSON-RPC", '{"jsonrpc":"1.0","id":"a","method":"x"}', "a", -32600, /not a JSON-RPC/],
  ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"x"}', null, -32600, /not a/],
  [
    "a revision that is unknown",
    request(3, { _meta: { [CLAIM]: "2027-01-01" } }),
    3,
    -32022,
    /2027-01-01/,
  ],
  [
    "server/discover without a revision",
    request(4, {}, "server/discover"),
    4,
    -32602,
    /protocolVersion/,
  ],
  [
    "a message that is too long",
    request(5, "x".repeat(MAX_MESSAGE_BYTES)),
    5,
    -32600,
    /at most 10 MiB/,
  ],
];

for (const [name, line, id, code, message] of ANSWERED) {
  Deno.test(`the transport answers ${name}, and stays open`, async () => {
    const { messages, answers } = await exchange([line, request(99)]);
    assert.equal(answers.length, 1);
    assert.deepEqual([answers[0].id, answers[0].error.code], [id, code]);
    assert.match(answers[0].error.message, message);
    assert.equal(messages.length, 1);
  });
}

Deno.test("the transport names the revisions that it serves", async () => {
  const { answers } = await exchange([request(1, { _meta: { [CLAIM]: "2025-01-01" } })]);
  assert.deepEqual(answers[0].error.data, { supported: ["2026-07-28"], requested: "2025-01-01" });
});

Deno.test("the transport does not answer a malformed response", async () => {
  const { messages, answers } = await exchange(['{"jsonrpc":"2.0","id":{},"result":{}}']);
  assert.deepEqual([messages, answers], [[], []]);
});

Deno.test("the transport closes when its client no longer reads", async () => {
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const transport = new StdioTransport(input.readable, output.writable);
  await transport.start();
  await output.readable.cancel();
  await transport.closed;
  await assert.rejects(transport.send({ jsonrpc: "2.0", id: 1, result: {} }), /disconnected/);
});
