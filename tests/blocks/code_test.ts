// Code as a block: data, its plan and its JSON form. Nothing runs.

import assert from "node:assert/strict";
import {
  cmd,
  code,
  type CodeOptions,
  discard,
  docker,
  each,
  eachFromJSON,
  fromJSON,
  PlanError,
  text,
} from "../../mod.ts";
import { CODE_OPTION_NAMES, NOT_OF_A_STAGE } from "../../src/code/code_options.ts";
import { CODE_OPTION_SPECS } from "../../src/code/option_specs.ts";
import { jsonSchema } from "../../src/runners/json_schema.ts";

/** All kinds of options. */
const OPTIONS: CodeOptions = {
  language: "sh",
  args: ["a b", Uint8Array.of(0xff)],
  env: { NAME: "value" },
  files: { "a.bin": Uint8Array.of(0, 255), "in/b.txt": "/host/b.txt" },
  warm: false,
  timeoutMs: 1000,
  memoryMib: 256,
  output: "paths",
  paths: ["/workspace/*.png"],
  outputsDir: "out",
  template: false,
};

Deno.test("code() returns frozen data, which does not change with its options", () => {
  const bytes = Uint8Array.of(1);
  const paths = ["/workspace/*"];
  const block = code("py", "1", { files: { a: bytes }, output: "paths", paths });
  bytes[0] = 2;
  paths.push("more");
  assert.deepEqual(block.node.options, {
    files: { a: Uint8Array.of(1) },
    output: "paths",
    paths: ["/workspace/*"],
  });
  assert.ok(Object.isFrozen(block) && Object.isFrozen(block.node.options));
});

Deno.test("an image is kept by its key", () => {
  const image = { key: "f".repeat(64), path: "/cache/root.squashfs", format: "squashfs" } as never;
  assert.equal(code(image, "").node.image, "f".repeat(64));
});

Deno.test("a plan shows code with its machine, whatever the runner of the run", () => {
  const plan = text("in").pipe(code("py", "1", { args: ["x y"] })).pipe(cmd("cat"))
    .plan({ runner: docker({ image: "x" }) });
  assert.deepEqual(plan.edges, ["stream", "pipe", "inherit"]);
  assert.deepEqual(plan.stages.map(({ runner }) => runner?.kind), ["vm", "docker"]);
  const [, , line, host] = `${plan}`.split("\n");
  assert.equal(line, "vm: python3 /workspace/main.py 'x y'");
  assert.match(host!, /^ {2}= qemu-system-\S+ .*file\.filename=IMAGE:py/);
});

Deno.test("a plan has the first program that may run a language, or the argv", () => {
  const argvOf = (options: CodeOptions) => code("py", "1 + 1", options).plan().stages[0]!.argv;
  assert.deepEqual(argvOf({ language: "javascript" }), ["node", "/workspace/main.mjs"]);
  assert.deepEqual(argvOf({ argv: ["perl", "-e", "{code}"] }), ["perl", "-e", "1 + 1"]);
});

Deno.test("code round-trips through JSON, also in a fan-out", () => {
  const block = text("in").pipe(code("py", "é\n", OPTIONS).stderr(discard())).pipe(cmd("wc"));
  const json = JSON.stringify(block);
  assert.equal(JSON.stringify(fromJSON(JSON.parse(json))), json);
  assert.deepEqual(fromJSON(JSON.parse(json)).description, block.description);
  const fan = JSON.stringify(each([1, 2], (item) => code("py", "1", { outputsDir: `o/${item}` })));
  assert.equal(JSON.stringify(eachFromJSON(JSON.parse(fan))), fan);
});

Deno.test("the JSON form has the options apart, because output is the next block", () => {
  const form = code("py", "1", { output: "none" }).pipe(cmd("cat")).toJSON();
  assert.deepEqual(form, {
    type: "code",
    image: "py",
    text: "1",
    options: { output: "none" },
    output: { type: "command", args: ["cat"], env: {} },
  });
  assert.deepEqual(code("py", "1").toJSON(), { type: "code", image: "py", text: "1" });
});

Deno.test("the options are those of runCode, apart from what a pipeline has itself", () => {
  const names = [...Object.keys(CODE_OPTION_NAMES), ...Object.keys(NOT_OF_A_STAGE)];
  assert.deepEqual(names.sort(), Object.keys(CODE_OPTION_SPECS).sort());
  const schema = JSON.stringify(jsonSchema());
  for (const name of Object.keys(CODE_OPTION_NAMES)) assert.ok(schema.includes(`"${name}":`), name);
});

const REFUSED: readonly [string, () => unknown, RegExp][] = [
  ["no image", () => code("", ""), /^cannot run code: the image must be an image, or its name$/],
  ["another image", () => code({} as never, ""), /^cannot run code: the image must be an image/],
  [
    "text that is none",
    () => code("py", 1 as never),
    /^cannot run code: its text is not a string$/,
  ],
  ["a stdin", () => code("py", "", { stdin: "a" } as never), /^cannot use stdin: code\(\) has no/],
  ["an unknown option", () => code("py", "", { a: 1 } as never), /^cannot use a: code\(\) has no/],
  ["a number out of range", () => code("py", "", { cpus: 0 }), /with cpus 0: it must be a whole/],
  ["a file outside", () => code("py", "", { files: { "../a": "a" } }), /must be a path below/],
  [
    "the file of the code",
    () => code("py", "", { files: { "main.py": "a" } }),
    /the code itself is/,
  ],
  [
    "a file of two names",
    () => code("py", "", { files: { a: "x", "/workspace/a": "y" } }),
    /the same/,
  ],
  ["a file that is none", () => code("py", "", { files: { a: 1 as never } }), /or a Uint8Array$/],
  [
    "a word with NUL",
    () => code("py", "", { args: ["\0"] }),
    /^cannot use args\[0\]: it has a NUL/,
  ],
  ["globs alone", () => code("py", "", { paths: ["a"] }), /paths and output: "paths" go together$/],
  ["a sink that is none", () => code("py", "").stderr("a" as never), /it is not a sink$/],
];
for (const [what, make, message] of REFUSED) {
  Deno.test(`code() refuses ${what}`, () => {
    assert.throws(make, (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.match(error.message, message);
      return !error.message.includes("\n");
    });
  });
}

const BAD_FORMS: readonly [string, object, RegExp][] = [
  ["no image", { text: "" }, /^cannot read the pipeline: image: /],
  [
    "an unknown option",
    { image: "a", text: "", options: { stdin: "" } },
    /options: Unrecogn.*stdin/,
  ],
  [
    "a bad number",
    { image: "a", text: "", options: { cpus: 0 } },
    /options\.cpus: must be a whole/,
  ],
  [
    "bad base64",
    { image: "a", text: "", options: { files: { a: { base64: "!" } } } },
    /files\.a: /,
  ],
  [
    "a file outside",
    { image: "a", text: "", options: { files: { "../a": "b" } } },
    /code: cannot give/,
  ],
  ["a runner", { image: "a", text: "", runner: { type: "local" } }, /Unrecognized key: "runner"$/],
];
for (const [what, form, message] of BAD_FORMS) {
  Deno.test(`fromJSON() refuses code with ${what}`, () => {
    assert.throws(
      () => fromJSON({ type: "code", ...form }),
      (error) => error instanceof PlanError && message.test(error.message),
    );
  });
}

const CLASHES: readonly [CodeOptions, CodeOptions][] = [
  [{ outputsDir: "out" }, { outputsDir: "out" }],
  [{ outputsDir: "out" }, { outputsDir: "./out/" }],
  [{ outputsDir: "out" }, { outputsDir: "out/1" }],
  [{ outputsDir: "out/1/2" }, { outputsDir: "out" }],
  [{ outputsTar: "a.tar" }, { outputsTar: "a.tar" }],
  [{ outputsDir: "out" }, { outputsTar: "out/a.tar" }],
];
for (const options of CLASHES) {
  Deno.test(`the outputs of two items have places of their own: ${JSON.stringify(options)}`, () => {
    assert.throws(() => each([0, 1], (item) => code("py", "", options[item])), {
      name: "TypeError",
      message: /^cannot run item 1: its outputs would go to ".*", where those of item 0 go: give/,
    });
    const items = options.map((own) => ({ pipeline: code("py", "", own).toJSON() }));
    assert.throws(() => fromJSON({ type: "each", items }), PlanError);
  });
}

Deno.test("outputs of items may be next to each other, and on a device", () => {
  each([0, 1], (item) => code("py", "", { outputsDir: `out/${item}`, outputsTar: "/dev/null" }));
  each(["a", "ab"], (item) => code("py", "", { outputsDir: item }));
});
