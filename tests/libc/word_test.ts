import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { decodeWord, encodeWord, hasBytes, isWord, showWord } from "../../src/libc/word.ts";

const bytes = fc.oneof(
  fc.uint8Array(),
  fc.string({ unit: "grapheme" }).map((text) => new TextEncoder().encode(text)),
  fc.tuple(fc.string({ unit: "binary" }), fc.uint8Array()).map(([text, tail]) =>
    Uint8Array.of(...new TextEncoder().encode(text), ...tail)
  ),
);

Deno.test("any bytes become a word that encodes to the same bytes", () => {
  fc.assert(fc.property(bytes, (bytes) => {
    const word = decodeWord(bytes);
    assert.deepEqual([...encodeWord(word)], [...bytes]);
    assert.ok(isWord(word));
    assert.deepEqual([...encodeWord(JSON.parse(JSON.stringify(word)))], [...bytes]);
  }));
});

Deno.test("the concatenation of two words has the bytes of both", () => {
  fc.assert(fc.property(bytes, bytes, (left, right) => {
    const word = `${decodeWord(left)}=${decodeWord(right)}`;
    assert.deepEqual([...encodeWord(word)], [...left, 0x3d, ...right]);
  }));
});

Deno.test("the word of UTF-8 is its text, with a byte order mark", () => {
  for (const text of ["", "abc", "日本語 👩‍🚀", "\ufeffa", "\ufffd", "\u{10ffff}"]) {
    assert.equal(decodeWord(new TextEncoder().encode(text)), text);
    assert.equal(hasBytes(text), false);
  }
});

Deno.test("a byte that is not UTF-8 becomes a lone surrogate, the others their text", () => {
  const bytes = Uint8Array.of(
    0x61,
    0xff,
    0xc3,
    0xa9,
    0x80,
    0xf0,
    0x9f,
    0x91,
    0xa9,
    0xed,
    0xb3,
    0xbf,
  );
  const word = decodeWord(bytes);
  assert.equal(word, "a\udcffé\udc80👩\udced\udcb3\udcbf");
  assert.equal(hasBytes(word), true);
});

Deno.test("a lone surrogate that stands for no byte is not a word", () => {
  for (const text of ["\ud800", "a\udbff", "\udc00", "\udc7f", "\udd00", "\udfff"]) {
    assert.equal(isWord(text), false, JSON.stringify(text));
  }
  assert.equal(isWord("\ud83d\udc69\udc80"), true);
});

Deno.test("showWord() writes bytes as \\xff, and leaves text that looks like an escape", () => {
  assert.equal(showWord('a\udcff\udc80é"\n'), '"a\\xff\\x80é\\"\\n"');
  assert.equal(showWord("\\udcff"), '"\\\\udcff"');
});
