import assert from "node:assert/strict";
import { pathFilter } from "../../src/workspace/path_filter.ts";

const ROWS: [glob: string, matching: string[], other: string[]][] = [
  ["/workspace/out.png", ["/workspace/out.png"], ["/workspace/out.pngx", "/workspace", "/out.png"]],
  ["/workspace/*.png", ["/workspace/a.png", "/workspace/.png"], ["/workspace/d/a.png", "/a.png"]],
  [
    "/workspace/**/*.png",
    ["/workspace/a.png", "/workspace/d/a.png", "/workspace/d/e/.f/a.png"],
    ["/workspace/a.jpg", "/other/workspace/a.png", "/workspace/a.png/b"],
  ],
  ["/workspace/**", ["/workspace", "/workspace/a", "/workspace/a/b"], ["/workspaces/a"]],
  ["/**/b/**/d", ["/b/d", "/a/b/c/d", "/b/b/d/d"], ["/b", "/d/b", "/b/d/c"]],
  ["/a/?", ["/a/b", "/a/é", "/a/😀"], ["/a/", "/a/bc", "/a"]],
  ["/[a-c]x", ["/ax", "/cx"], ["/dx", "/x", "/aax"]],
  ["/[!a-c]x", ["/dx", "/-x"], ["/ax", "/x"]],
  ["/[]a]", ["/]", "/a"], ["/b"]],
  ["/[a-]", ["/a", "/-"], ["/b"]],
  ["/*.{png,jp{e,}g}", ["/a.png", "/a.jpg", "/a.jpeg"], ["/a.pn", "/a.gif"]],
  ["/{a,b/c}/d", ["/a/d", "/b/c/d"], ["/b/d", "/a,b/c/d"]],
  ["/\\*\\{a,b\\}", ["/*{a,b}"], ["/x{a,b}", "/*a"]],
  ["/a}b", ["/a}b"], ["/ab"]],
  ["/a**b", ["/ab", "/axb"], ["/a/b"]],
];

for (const [glob, matching, other] of ROWS) {
  Deno.test(`pathFilter() selects by ${glob}`, () => {
    const chosen = pathFilter([glob]);
    assert.deepEqual([...matching, ...other].filter(chosen), matching);
  });
}

Deno.test("pathFilter() selects paths that any of its globs matches", () => {
  const paths = ["/a", "/b", "/c"];
  assert.deepEqual(paths.filter(pathFilter(["/a", "/c"])), ["/a", "/c"]);
  assert.deepEqual(paths.filter(pathFilter([])), []);
});

Deno.test("pathFilter() is fast for names that almost match", () => {
  const chosen = pathFilter([`/**/${"*-".repeat(60)}*.png`, `${"/**/a".repeat(60)}/b`]);
  assert.equal(chosen(`/${"-".repeat(255)}`), false);
  assert.equal(chosen("/a".repeat(2000)), false);
});

for (const glob of ["", "a", "*.png", "{/a,b}", "/a[b", "/a{b", `/${"{a,b}".repeat(12)}`]) {
  Deno.test(`pathFilter() refuses ${JSON.stringify(glob.slice(0, 20))}`, () => {
    assert.throws(() => pathFilter([glob]), RangeError);
  });
}
