import assert from "node:assert/strict";
import { indexLower } from "../../src/workspace/index_lower.ts";

const ENTRY = { kind: "file", mode: 0o644, uid: 0, gid: 0, size: 1 };

function index(...lines: object[]): string {
  return lines.map((line) => JSON.stringify(line) + "\n").join("");
}

Deno.test("indexLower() finds entries by path, and names by directory", async () => {
  const lower = indexLower(index(
    { ...ENTRY, path: "/d/f", sha256: "a".repeat(64) },
    { ...ENTRY, path: "/d", kind: "directory", size: 0 },
    { ...ENTRY, path: "/d/\udcff", kind: "symlink", linkTarget: "f" },
  ));
  assert.equal(lower.lookup("/d")?.kind, "directory");
  assert.equal(lower.lookup("/d/\udcff")?.linkTarget, "f");
  assert.equal(lower.lookup("/x"), undefined);
  assert.deepEqual([...lower.list("/")], ["d"]);
  assert.deepEqual([...lower.list("/d")], ["f", "\udcff"]);
  assert.deepEqual([...lower.list("/d/f")], []);
  assert.equal(await lower.sha256("/d/f"), "a".repeat(64));
  assert.equal(await lower.sha256("/d"), undefined);
});

const BAD: Record<string, string> = {
  "invalid JSON": "{",
  "a path that is not absolute": index({ ...ENTRY, path: "a" }),
  "the root": index({ ...ENTRY, path: "/" }),
  "an unknown kind": index({ ...ENTRY, path: "/a", kind: "door" }),
  "an invalid hash": index({ ...ENTRY, path: "/a", sha256: "x" }),
  "a negative size": index({ ...ENTRY, path: "/a", size: -1 }),
  "an unknown key": index({ ...ENTRY, path: "/a", colour: "red" }),
  "a path twice": index({ ...ENTRY, path: "/a" }, { ...ENTRY, path: "/a" }),
};

for (const [what, text] of Object.entries(BAD)) {
  Deno.test(`indexLower() refuses ${what}, and names the line`, () => {
    assert.throws(() => indexLower(`\n${text}`), {
      name: "TypeError",
      message: /^cannot read the index of an image: line [23] is malformed: /,
    });
  });
}
