import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { decodeName, encodeName } from "../../src/archive/decode_name.ts";

Deno.test("decodeName() returns different text for different bytes", () => {
  const rows: [number[], string][] = [
    [[], ""],
    [[0x61, 0xff, 0x62], "a\udcffb"],
    [[0xef, 0xbb, 0xbf, 0x61], "\ufeffa"],
    [[0xc3, 0xa9, 0xc3], "é\udcc3"],
    [[0xed, 0xb2, 0x80], "\udced\udcb2\udc80"], // a surrogate, as CESU-8 has it
    [[0xc0, 0xaf], "\udcc0\udcaf"], // an overlong slash
    [[0xf0, 0x9f, 0x98, 0x80, 0x80], "😀\udc80"],
    [[0xf4, 0x90, 0x80, 0x80], "\udcf4\udc90\udc80\udc80"],
  ];
  for (const [bytes, text] of rows) {
    assert.equal(decodeName(Uint8Array.from(bytes)), text);
    assert.deepEqual([...encodeName(text)], bytes);
  }
});

Deno.test("encodeName() returns the bytes of any name", () => {
  const parts = fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.string({ unit: "grapheme", maxLength: 3 }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(fc.property(fc.array(parts, { maxLength: 6 }), (parts) => {
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
    assert.deepEqual([...encodeName(decodeName(bytes))], [...bytes]);
  }));
});

Deno.test("decodeName() takes time proportional to the length of any name", () => {
  const bytes = new Uint8Array(1 << 20).fill(0xff);
  assert.equal(decodeName(bytes).length, bytes.length);
  bytes.fill(0x61, 1);
  assert.equal(decodeName(bytes).length, bytes.length);
});
