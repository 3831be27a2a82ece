// The page that compares jobs with those of other libraries. tests/readme_test.ts runs ours.

import assert from "node:assert/strict";

const PAGE = Deno.readTextFileSync(new URL("../docs/side-by-side.md", import.meta.url));

/** The jobs, with the text below their headings. */
const JOBS = PAGE.split(/^## /m).slice(1);

const LIBRARIES = ["execa", "dax", "microsandbox"] as const;

/** The lines of code in the blocks of a language, without imports, comments and empty lines. */
function codes(job: string, language: string): string[][] {
  const blocks = job.matchAll(new RegExp("^```" + language + "\\n([^]*?)^```$", "gm"));
  return [...blocks].map(([, code]) =>
    code!.split("\n").filter((line) => !/^\s*(import .*|\/\/.*)?$/.test(line))
  );
}

Deno.test("the page has ten jobs, each with one block of ours and one of each other library", () => {
  assert.equal(JOBS.length, 10);
  for (const job of JOBS) {
    assert.equal(codes(job, "ts").length, 1, job);
    const named = [...job.matchAll(/^```js\n\/\/ (\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(named, LIBRARIES, job);
  }
});

Deno.test("none of our jobs has more lines than those of the other libraries", () => {
  for (const job of JOBS) {
    const [ours] = codes(job, "ts");
    for (const [index, theirs] of codes(job, "js").entries()) {
      const name = `${LIBRARIES[index]}, ${job.split("\n", 1)[0]}`;
      assert.ok(
        ours!.length <= theirs.length,
        `${name}: ${ours!.length} to ${theirs.length} lines`,
      );
    }
  }
});
