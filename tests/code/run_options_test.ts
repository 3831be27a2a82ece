// The options of runCode(), and which are rejected before a machine starts.

import assert from "node:assert/strict";
import { fillIn } from "../../src/code/language.ts";
import { checkRunOptions, guestPath, type RunCodeOptions } from "../../src/code/run_options.ts";

const REFUSED: readonly [name: string, options: RunCodeOptions, message: RegExp][] = [
  ["an unknown language", { language: "cobol" as "sh" }, /"cobol": it must be one of python, sh/],
  ["a name of Object", { language: "toString" as "sh" }, /must be one of/],
  ["an argv and a language", { language: "sh", argv: ["sh"] }, /nor be given with a language/],
  ["an empty argv", { argv: [] }, /must not be empty/],
  ["an unknown output", { output: "some" as "all" }, /output must be diff, all, none or paths/],
  ["paths without a choice", { output: "paths" }, /paths and output: "paths" go together/],
  ["a choice without paths", { paths: ["/a"] }, /go together/],
  ["a relative glob", { output: "paths", paths: ["*.png"] }, /a glob must start at the root/],
  ["outputs without a place", { outputsDir: "" }, /cannot put outputs into "": it is not a path/],
  ["no time", { timeoutMs: 0 }, /timeoutMs 0: it must be a whole number from 1/],
  ["half a byte", { maxOutputBytes: 0.5 }, /maxOutputBytes 0.5/],
  ["a disk without room", { workspaceMib: 7 }, /workspaceMib 7: it must be a whole number from 8/],
  ["a file elsewhere", { files: { "/etc/passwd": "a" } }, /must be a path below \/workspace/],
  ["a file that leads out", { files: { "../a": "a" } }, /must be a path below \/workspace/],
  [
    "a file in place of the code",
    { files: { "main.py": "a" } },
    /the code itself is \/workspace\/main.py/,
  ],
  [
    "a file twice",
    { files: { a: "a", "/workspace/a": "b" } },
    /the file "\/workspace\/a": "a" is the same file/,
  ],
  [
    "a file in a file",
    { files: { "a/b/c": "a", "/workspace/a": "b" } },
    /the file "a\/b\/c": "\/workspace\/a" is a file, not a folder/,
  ],
  ["the same by its absolute path", { files: { "/workspace/main.py": "a" } }, /name it otherwise/],
  [
    "a file below the code",
    { language: "sh", files: { "main.sh/a": "a" } },
    /main.sh: name it otherw/,
  ],
  [
    "a file in place of that of an argv",
    { argv: ["perl", "{file}"], files: { main: "a" } },
    /main: name/,
  ],
];

for (const [name, options, message] of REFUSED) {
  Deno.test(`runCode() rejects ${name}`, () => {
    assert.throws(() => checkRunOptions(options), { message });
  });
}

Deno.test("runCode() accepts files with the names that the code of other languages has", () => {
  checkRunOptions({ files: { "main.ts": "a", main: "a", "in/main.py": "a" } });
  checkRunOptions({ argv: ["sh", "-c", "{code}"], files: { main: "a" } });
});

Deno.test("guestPath() accepts paths in the workspace, absolute or relative", () => {
  assert.equal(guestPath("a/b"), "/workspace/a/b");
  assert.equal(guestPath("/workspace/a"), "/workspace/a");
});

Deno.test("fillIn() inserts code once, whatever it contains", () => {
  const code = "$& {file} {code}";
  const filled = fillIn(["sh", "-c", "{code}", "{file}", "x{file}y"], { file: "/f", code });
  assert.deepEqual(filled, ["sh", "-c", code, "/f", "x/fy"]);
});
