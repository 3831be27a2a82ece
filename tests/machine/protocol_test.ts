// Frames: whole, split anywhere, too long, and noise.

import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import {
  encodeFrame,
  FrameDecoder,
  type HostMessage,
  MAX_GUEST_FRAME,
  ProtocolError,
} from "../../src/machine/protocol.ts";
import { patient } from "../support/eventually.ts";

const MESSAGES: readonly HostMessage[] = [
  {
    type: "run",
    commands: [["wc", "-c"], ["echo", "ü\n\0"]],
    env: { A: "=" },
    clockMs: 1,
    entropy: "AA==",
  },
  { type: "stdin-end", bytes: 2 ** 40 },
  { type: "signal", signal: "SIGINT", to: "command" },
  { type: "power-off" },
];

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** A frame with any content and, optionally, a wrong length. */
function rawFrame(json: Uint8Array, length = json.length): Uint8Array {
  const frame = join([new Uint8Array(4), json]);
  new DataView(frame.buffer).setUint32(0, length, true);
  return frame;
}

function textFrame(json: string): Uint8Array {
  return rawFrame(new TextEncoder().encode(json));
}

Deno.test("FrameDecoder decodes frames of encodeFrame(), split at any byte", () => {
  const bytes = join(MESSAGES.map(encodeFrame));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const decoder = new FrameDecoder(MAX_GUEST_FRAME);
    const decoded = [
      ...decoder.push(bytes.subarray(0, cut)),
      ...decoder.push(bytes.subarray(cut)),
    ];
    assert.deepEqual(decoded, MESSAGES, `cut at ${cut}`);
  }
});

Deno.test("FrameDecoder returns each message at its last byte, fed byte by byte", () => {
  const decoder = new FrameDecoder(MAX_GUEST_FRAME);
  for (const message of MESSAGES) {
    const frame = encodeFrame(message);
    for (const byte of frame.subarray(0, -1)) {
      assert.deepEqual(decoder.push(Uint8Array.of(byte)), []);
    }
    assert.deepEqual(decoder.push(frame.subarray(-1)), [message]);
  }
});

Deno.test("FrameDecoder decodes any objects, whatever the chunks", () => {
  const json = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), {
    noNullPrototype: true,
  });
  fc.assert(fc.property(fc.array(json), fc.array(fc.nat(40)), (objects, sizes) => {
    const values = objects.map((value) => JSON.parse(JSON.stringify(value)));
    let rest = join(values.map((value) => textFrame(JSON.stringify(value))));
    const decoder = new FrameDecoder(MAX_GUEST_FRAME);
    const decoded = [];
    for (const size of sizes) {
      decoded.push(...decoder.push(rest.subarray(0, size)));
      rest = rest.subarray(size);
    }
    decoded.push(...decoder.push(rest));
    assert.deepEqual(decoded, values);
  }));
});

Deno.test("FrameDecoder returns objects or throws ProtocolError for noise", () => {
  const noise = fc.array(fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => rawFrame(bytes)),
    fc.tuple(fc.uint8Array({ maxLength: 64 }), fc.nat(80)).map(([bytes, n]) => rawFrame(bytes, n)),
    fc.json().map(textFrame),
  ));
  fc.assert(
    fc.property(noise, (chunks) => {
      const decoder = new FrameDecoder(100);
      try {
        for (const message of chunks.flatMap((chunk) => decoder.push(chunk))) {
          assert.ok(typeof message === "object" && message !== null && !Array.isArray(message));
        }
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("FrameDecoder returns nothing for an incomplete frame", () => {
  const frame = encodeFrame(MESSAGES[0]!);
  for (let length = 0; length < frame.length; length++) {
    assert.deepEqual(new FrameDecoder(MAX_GUEST_FRAME).push(frame.subarray(0, length)), []);
  }
});

Deno.test("FrameDecoder refuses a length over the limit at its fourth byte", () => {
  for (const length of [101, 1 << 20, 2 ** 31, 2 ** 32 - 1]) {
    const header = rawFrame(new Uint8Array(), length);
    const decoder = new FrameDecoder(100);
    assert.deepEqual(decoder.push(header.subarray(0, 3)), []);
    assert.throws(() => decoder.push(header.subarray(3)), ProtocolError);
  }
  assert.deepEqual(new FrameDecoder(100).push(rawFrame(new Uint8Array(), 100)), []);
});

for (
  const [what, content] of [
    ["invalid UTF-8", Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ["half of JSON", new TextEncoder().encode('{"type":')],
    ["an empty frame", new Uint8Array()],
    ["an array", new TextEncoder().encode("[]")],
    ["null", new TextEncoder().encode("null")],
    ["a number", new TextEncoder().encode("1")],
    ["two objects", new TextEncoder().encode("{}{}")],
  ] as const
) {
  Deno.test(`FrameDecoder refuses ${what}`, () => {
    const decoder = new FrameDecoder(MAX_GUEST_FRAME);
    assert.throws(() => decoder.push(rawFrame(content)), ProtocolError);
  });
}

Deno.test("FrameDecoder survives JSON that is nested 10,000 deep", () => {
  const nested = `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
  const [message] = new FrameDecoder(MAX_GUEST_FRAME).push(textFrame(nested));
  assert.ok(Array.isArray(message!["a"]));
});

Deno.test("FrameDecoder takes linear time", () => {
  const frame = textFrame("{}");
  const time = (bytes: Uint8Array, size: number) => {
    const decoder = new FrameDecoder(8 << 20);
    const start = performance.now();
    for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size));
    return performance.now() - start;
  };
  const tiny = join(Array(200_000).fill(frame)); // quadratic: minutes
  assert.ok(time(tiny, tiny.length) < patient(5000));
  const large = textFrame(`{"a":"${"x".repeat(1 << 20)}"}`);
  assert.ok(time(large, 8) < patient(5000));
});
