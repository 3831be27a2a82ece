import assert from "node:assert/strict";
import {
  checkCopies,
  copiesAsJson,
  copiesIn,
  type CopyOptions,
  isWithin,
  placeOf,
} from "../../src/model/copy_options.ts";

/** From JSON or JavaScript they may be anything. */
const WRONG: readonly (readonly [string, unknown, RegExp])[] = [
  ["files that are a list", { files: ["a"] }, /files in: they must be an object/],
  ["files that are null", { files: null }, /files in: they must be an object/],
  ["an empty path", { files: { "": "a" } }, /to "": that is not a path/],
  ["a path with a NUL", { files: { "/a\0": "a" } }, /that is not a path/],
  ["a path with ..", { files: { "/a/../b": "a" } }, /contains "\.\."/],
  ["the root", { outputs: { "//./": "a" } }, /"\/\/\.\/" out: that is the whole root/],
  ["a relative path", { files: { "a": "a" } }, /give an absolute path/],
  ["an empty host path", { files: { "/a": "" } }, /"" is not a path/],
  ["a number", { files: { "/a": 1 } }, /give a path, a Uint8Array, or { base64 }/],
  ["more than base64", { files: { "/a": { base64: "", mode: 1 } } }, /or { base64 }/],
  ["content that is not base64", { files: { "/a": { base64: "%" } } }, /is not base64/],
  ["an output that is not a path", { outputs: { "/a": 1 } }, /"\/a" out: 1 is not a path/],
  ["an output to nowhere", { outputs: { "/a": "" } }, /"" is not a path/],
  ["outputsAlways that is a word", { outputsAlways: "yes" }, /must be true or false/],
  [
    "the same file twice",
    { files: { "/a/b": "x", "/a//b/": "y" } },
    /both "\/a\/b" and "\/a\/\/b\/"/,
  ],
  ["a file in another", { files: { "/a/b/c": "x", "/a": "y" } }, /one is in the other/],
  ["an output in another", { outputs: { "/a/b": "x", "/a": "y" } }, /outputs of both/],
];

for (const [what, options, message] of WRONG) {
  Deno.test(`checkCopies() refuses ${what}`, () => {
    const check = () => checkCopies(options as CopyOptions, "absolute");
    assert.throws(check, { name: "TypeError", message });
  });
}

for (const maxOutputsBytes of [0, 1.5, Infinity, "4G"]) {
  Deno.test(`checkCopies() refuses maxOutputsBytes ${maxOutputsBytes}`, () => {
    const check = () => checkCopies({ maxOutputsBytes } as CopyOptions, "any");
    const message = /^cannot copy outputs out with maxOutputsBytes .*: it must be a whole number/;
    assert.throws(check, { name: "RangeError", message });
  });
}

Deno.test("checkCopies() accepts relative paths where a run has a folder, siblings of like names, and all forms of content", () => {
  const files = { a: "x", "a b": Uint8Array.of(1), "/a": { base64: "AQ==" }, "/ab": "y" };
  checkCopies({ files, outputs: { ".": "out" }, outputsAlways: true }, "any");
});

Deno.test("placeOf() leaves out what a path does not need", () => {
  assert.deepEqual(["/a//b/./c/", "./a/", ".", "a/."].map(placeOf), ["/a/b/c", "a", ".", "a"]);
});

Deno.test("isWithin() compares whole names", () => {
  assert.deepEqual(
    [["/a", "/a"], ["/a/b", "/a"], ["/ab", "/a"], ["a", "."], ["/a", "."], ["/a", "/"]]
      .map(([path, folder]) => isWithin(path!, folder!)),
    [true, true, false, true, false, true],
  );
});

Deno.test("copiesAsJson() has contents in base64, and copiesIn() nothing where nothing is copied", () => {
  const files = { "/a": Uint8Array.of(0, 255), "/b": "path" };
  const expected = { files: { "/a": { base64: "AP8=" }, "/b": "path" }, cpus: 2 };
  assert.deepEqual(copiesAsJson({ files, cpus: 2 }), expected);
  assert.equal(copiesIn({ files: {}, outputsAlways: true }), undefined);
});
