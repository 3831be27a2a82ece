import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import {
  type Argv,
  bytes,
  chain,
  cmd,
  type Code,
  code,
  type Command,
  cpio,
  discard,
  docker,
  dockerBuild,
  each,
  eachFromJSON,
  empty,
  file,
  fromJSON,
  gunzip,
  gzip,
  type Json,
  local,
  type Pipeline,
  PlanError,
  type RetryReason,
  type Sink,
  ssh,
  stdin,
  stdout,
  tar,
  text,
  untar,
  vm,
  voidRunner,
} from "../../mod.ts";
import { jsonSchema } from "../../src/runners/json_schema.ts";

const word = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0"));
const path = word.filter((value) => value !== "");
const argv = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) =>
  words as unknown as Argv
);
const name = path.filter((value) => !value.includes("=") && value !== "__proto__");

const sink: fc.Arbitrary<Sink> = fc.oneof(
  path.map(file),
  path.map(untar),
  fc.constant(stdout()),
  fc.constant(discard()),
);

const runner = fc.oneof(
  fc.constant(local()),
  fc.boolean().map((tty) => local({ tty })),
  fc.boolean().map((debug) => voidRunner({ debug })),
  fc.integer({ min: 1, max: 255 }).map((cpus) =>
    ssh({ host: "h", inner: ssh({ host: "i", inner: vm({ cpus }) }) })
  ),
  fc.record({
    env: fc.dictionary(name, word, { maxKeys: 2, noNullPrototype: true }),
    cpus: fc.integer({ min: 1 }),
  })
    .map((options) =>
      docker({ image: "image", mounts: { "/a": { path: "/b", write: true } }, ...options })
    ),
);

const command: fc.Arbitrary<Command> = fc.tuple(
  fc.oneof(
    argv.map((words) => cmd(...words)),
    fc.tuple(
      fc.array(argv, { minLength: 2, maxLength: 4 }),
      fc.constantFrom("pass", "stderr", "discard"),
    ).map(([links, stdout]) => chain(...links, { stdout })),
  ),
  fc.record({
    env: fc.dictionary(name, word, { maxKeys: 3, noNullPrototype: true }),
    cwd: path,
    runner,
    stderr: sink,
  }, { requiredKeys: [] }),
).map(([base, settings]) => {
  let built = base;
  if (settings.env !== undefined) built = built.env(settings.env);
  if (settings.cwd !== undefined) built = built.cwd(settings.cwd);
  if (settings.runner !== undefined) built = built.on(settings.runner);
  return settings.stderr === undefined ? built : built.stderr(settings.stderr);
});

const codeBlock: fc.Arbitrary<Code> = fc.tuple(
  path,
  fc.string({ unit: "binary" }),
  fc.record({
    args: fc.array(word),
    env: fc.dictionary(name, word, { maxKeys: 3, noNullPrototype: true }),
    files: fc.uint8Array().map((content) => ({ "a/b": content, c: "/host/c" })),
    warm: fc.constantFrom<(string | false)[]>("import json", false),
    timeoutMs: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  }, { requiredKeys: [] }),
  sink,
).map(([image, program, options, stderr]) => code(image, program, options).stderr(stderr));

const stage: fc.Arbitrary<Pipeline<"open", "open">> = fc.oneof(
  { weight: 5, arbitrary: command },
  { weight: 1, arbitrary: codeBlock },
  {
    weight: 1,
    arbitrary: fc.dictionary(name, word).map((args) => dockerBuild({ tag: "tag", args })),
  },
  { weight: 1, arbitrary: fc.constantFrom(gzip(), gunzip(), cpio(), dockerBuild()) },
);

const plainSource: fc.Arbitrary<Pipeline<"closed", "open">> = fc.oneof(
  path.map(file),
  fc.string({ unit: "binary" }).map(text),
  fc.uint8Array().map(bytes),
  fc.array(path, { minLength: 1 }).map(([first, ...rest]) => tar(first!, ...rest)),
  fc.tuple(path, path).map(([first, directory]) => tar(first, { compress: "gzip", directory })),
  fc.tuple(path, fc.nat(), fc.nat()).map(([first, mtime, uid]) =>
    tar(first, { mtime, owner: { uid, gid: 0 } })
  ),
  fc.constant(stdin()),
  fc.constant(empty()),
);

const item: fc.Arbitrary<Json> = fc.jsonValue({ noUnicodeString: false }).filter((value) =>
  !JSON.stringify(value).includes("__proto__") && !/[^\d]-0|^-0/.test(JSON.stringify(value))
) as fc.Arbitrary<Json>;

const fanOut: fc.Arbitrary<Pipeline<"closed", "open">> = fc.tuple(
  fc.array(
    fc.tuple(
      item,
      fc.oneof(
        stage,
        plainSource.filter(({ description }) => description.source!.type !== "stdin"),
      ),
    ),
    { maxLength: 3 },
  ),
  fc.record({
    concurrency: fc.integer({ min: 1 }),
    retry: fc.record({
      times: fc.nat(),
      on: fc.array(fc.constantFrom<RetryReason[]>("runner", "command", 75)),
    }, {
      requiredKeys: ["times"],
    }),
    itemTimeoutMs: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    failFast: fc.boolean(),
  }, { requiredKeys: [] }),
).map(([items, options]) => {
  const fan = each(items.map(([value]) => value), (_, index) => items[index]![1], options);
  return fan.pipe(cmd("sort"));
});

const source = fc.oneof({ weight: 5, arbitrary: plainSource }, { weight: 1, arbitrary: fanOut });

const stages = fc.array(stage, { minLength: 1, maxLength: 5 }).map(([first, ...rest]) =>
  rest.reduce((pipeline, next) => pipeline.pipe(next), first!)
);

const pipeline: fc.Arbitrary<Pipeline> = fc.oneof(
  stages,
  source,
  fc.tuple(source, stages).map(([from, through]) => from.pipe(through)),
  fc.tuple(stages, sink).map(([through, into]) => through.to(into)),
  fc.tuple(source, sink).map(([from, into]) => from.to(into)),
  fc.tuple(source, stages, sink).map(([from, through, into]) => from.pipe(through).to(into)),
);

Deno.test("fromJSON() restores every pipeline without streams", () => {
  fc.assert(fc.property(pipeline, (original) => {
    const written = JSON.stringify(original);
    const read = fromJSON(JSON.parse(written));
    assert.equal(JSON.stringify(read), written);
    assert.deepEqual([read.head, read.tail], [original.head, original.tail]);
  }));
});

const BAD: readonly [unknown, string][] = [
  [1, "cannot read the pipeline: expected object, received number"],
  [{ type: "command", args: [] }, "args: must name a program"],
  [{ type: "command", args: ["a", 1] }, 'args[1]: must be a string or { "base64": ".." }'],
  [{ type: "command", args: ["a\0"] }, "args[0]: must not have a NUL"],
  [{ type: "command" }, "args: expected array, received undefined"],
  [{ type: "command", args: ["a"], wrong: 1 }, 'Unrecognized key: "wrong"'],
  [
    { type: "command", args: ["a"], env: { A: 1 } },
    'env.A: must be a string or { "base64": ".." }',
  ],
  [{ type: "command", args: ["a"], runner: { type: "moon" } }, "runner.type: "],
  [{ type: "command", args: ["a"], runner: { type: "void", debug: 1 } }, "runner.debug: "],
  [
    { type: "command", args: ["a"], runner: { type: "ssh", host: "h", inner: { type: "moon" } } },
    "runner.inner.type: ",
  ],
  [
    {
      type: "command",
      args: ["a"],
      runner: { type: "ssh", host: "h", inner: { type: "vm", pool: 1 } },
    },
    "runner: cannot keep machines ready on a remote host",
  ],
  [{ type: "chain", commands: [["a"]] }, "commands: must have two commands or more"],
  [{ type: "chain", commands: [["a"], ["b"]], stdout: "file" }, "stdout: "],
  [{ type: "chain", commands: [["a"], [2]] }, "commands[1][0]: must be a string"],
  [{ type: "stdout" }, "type: "],
  [{ type: "file", name: "" }, "name: must not be empty"],
  [{ type: "bytes", base64: "?" }, "base64: "],
  [{ type: "each" }, "items: expected array, received undefined"],
  [
    { type: "each", items: [{ pipeline: { type: "command", args: [1] } }] },
    "items[0].pipeline.args[0]: must be a string",
  ],
  [
    { type: "each", items: [{ pipeline: { type: "stdin" } }] },
    "items[0].pipeline: must not be our",
  ],
  [{ type: "each", items: [], concurrency: 0 }, "concurrency: "],
  [{ type: "each", items: [], retry: { times: 1, on: ["never"] } }, "retry.on[0]: "],
  [{ type: "each", items: [{ pipeline: { type: "gzip" }, name: 1 }] }, 'Unrecognized key: "name"'],
  [{ type: "tar", files: [], output: { type: "gzip" } }, "files: must name a file"],
  [{ type: "gzip", output: { type: "text", text: "" } }, "output.type: "],
  [{ type: "gzip", output: { type: "stdout", output: {} } }, "output: Unrecognized key"],
  [
    {
      type: "tar",
      files: ["a"],
      output: {
        type: "command",
        args: ["b"],
        output: { type: "command", args: [null], env: {} },
      },
    },
    "output.output.args[0]: must be a string",
  ],
];

for (const [value, message] of BAD) {
  Deno.test(`fromJSON() refuses ${JSON.stringify(value)} and names the field`, () => {
    assert.throws(() => fromJSON(value), (error) => {
      assert.ok(error instanceof PlanError);
      assert.ok(error.message.includes(message), error.message);
      return true;
    });
  });
}

Deno.test("a PlanError has the path of the wrong field", () => {
  const bad = { type: "gzip", output: { type: "command", args: [1] } };
  assert.throws(() => fromJSON(bad), { name: "PlanError", path: "output.args[0]" });
});

Deno.test("env may be left out", () => {
  assert.deepEqual(fromJSON({ type: "command", args: ["a"] }).toJSON(), {
    type: "command",
    args: ["a"],
    env: {},
  });
});

Deno.test("eachFromJSON() restores a fan-out, which runs", async () => {
  const fan = each(["a", "b"], (name) => text(name).pipe(cmd("cat")), { concurrency: 1 });
  const read = eachFromJSON(JSON.parse(JSON.stringify(fan)));
  assert.deepEqual(read.toJSON(), fan.toJSON());
  assert.equal(read.tail, "open");
  assert.deepEqual(await (read as typeof fan).text(), ["a", "b"]);
  const closed = each(["a"], (name) => cmd("cat").to(file(name)));
  assert.equal(eachFromJSON(closed.toJSON()).tail, "closed");
});

Deno.test("eachFromJSON() refuses what is not a fan-out, or has an output", () => {
  const fan = each(["a"], () => cmd("true"));
  for (const value of [cmd("a"), fan.pipe(cmd("b")), fan.to(file("c")), 1]) {
    const json = JSON.parse(JSON.stringify(value));
    assert.throws(() => eachFromJSON(json), { name: "PlanError" });
  }
});

Deno.test("items need no name", () => {
  const json = { type: "each", items: [{ pipeline: { type: "gzip" } }] };
  assert.deepEqual(eachFromJSON(json).toJSON(), json);
});

Deno.test("commands that shared a runner share one again, so that they share its pool", () => {
  const runner = vm({ pool: 2 });
  const fan = each([1, 2], () => runner.cmd("true"));
  const other = vm({ pool: 3 }).cmd("true");
  const { source, stages } =
    fromJSON(fan.pipe(runner.cmd("sort")).pipe(other).toJSON()).description;
  assert.ok(source?.type === "each");
  const commands = [...source.items.flatMap(({ pipeline }) => pipeline.stages), ...stages];
  const runners = commands.map((node) => node.type === "command" ? node.runner : undefined);
  assert.equal(new Set(runners.slice(0, 3)).size, 1);
  assert.notEqual(runners[3], runners[0]);
});

Deno.test("a pipeline from JSON runs", async () => {
  const read = fromJSON({
    type: "text",
    text: "a\nb\n",
    output: { type: "command", args: ["wc", "-l"] },
  });
  assert.equal(await (read as Pipeline<"closed", "open">).text(), "2");
});

Deno.test("the JSON Schema names every kind of block and runner", () => {
  const schema = JSON.stringify(jsonSchema());
  const kinds = [
    "tar",
    "text",
    "bytes",
    "stdin",
    "empty",
    "file",
    "command",
    "chain",
    "code",
    "gzip",
  ];
  for (
    const kind of [
      ...kinds,
      "gunzip",
      "cpio",
      "untar",
      "stdout",
      "discard",
      "void",
      "local",
      "docker",
      "dockerBuild",
      "each",
    ]
  ) {
    assert.ok(schema.includes(`"const":"${kind}"`), kind);
  }
});

Deno.test("version 1 may be written, and is the default", () => {
  const form = { type: "each", items: [{ pipeline: { type: "text", text: "a" } }] } as const;
  assert.deepEqual(fromJSON({ version: 1, ...form }).toJSON(), fromJSON(form).toJSON());
  assert.ok(!("version" in Object(fromJSON({ version: 1, ...form }).toJSON())));
  const command = { type: "command", args: ["true"], env: {} };
  assert.deepEqual(fromJSON({ ...command, version: 1 }).toJSON(), command);
});

Deno.test("another version is refused for its version, whatever else the form has", () => {
  const command = { type: "command", args: ["true"] };
  const forms = [
    ...[2, 0, "1", null].map((version) => ({ ...command, version })),
    { version: 2, type: "future" },
    { version: 2, ...command, output: { type: "future" } },
    { version: 2, ...command, limit: 5 },
  ];
  for (const form of forms) {
    assert.throws(() => fromJSON(form), {
      name: "PlanError",
      path: "version",
      message: "cannot read the pipeline: version: must be 1: this execvm reads no other",
    });
  }
});

Deno.test("the form of an item may have a version, and nested blocks may not", () => {
  const command = { type: "command", args: ["true"], env: {} };
  const stored = { type: "each", items: [{ pipeline: { ...command, version: 1 } }] };
  assert.deepEqual(fromJSON(stored).toJSON(), { type: "each", items: [{ pipeline: command }] });
  const later = { type: "each", items: [{ pipeline: { ...command, version: 2 } }] };
  assert.throws(() => fromJSON(later), { path: "items[0].pipeline.version" });
  const within = { ...command, output: { ...command, version: 1 } };
  assert.throws(() => fromJSON(within), /Unrecognized key: "version"/);
});

Deno.test("the JSON Schema has the version of a form, and the schema of each source once", () => {
  const schema = JSON.stringify(jsonSchema());
  const count = (text: string) => schema.split(text).length - 1;
  assert.equal(count('"const":"tar"'), 1);
  assert.ok(count('"version":') > count('"const":"tar"'));
});

Deno.test("fromJSON() restores words that are not UTF-8", () => {
  const odd = Uint8Array.of(0x61, 0xff, 0x62);
  const pipeline = each(["x"], () => chain(["a", odd], ["b"]).env({ A: odd }).cwd(odd))
    .pipe(cmd("c", odd).env({ A: odd, B: "é" }));
  const read = fromJSON(JSON.parse(JSON.stringify(pipeline)));
  assert.deepEqual(read.description, pipeline.description);
});

Deno.test("fromJSON() reads text in base64 as text", () => {
  const base64 = new TextEncoder().encode("é").toBase64();
  const { description } = fromJSON({ type: "command", args: ["a", { base64 }], env: {} });
  assert.deepEqual(description, cmd("a", "é").description);
});

const NO_WORDS: readonly (readonly [unknown, string])[] = [
  [{ base64: "YQBi" }, "must not have a NUL"],
  [{ base64: "?" }, "must be a string or"],
  [{ base64: "YQ==", text: "a" }, 'Unrecognized key: "text"'],
  ["a\0", "must not have a NUL"],
  ["\ud800", "must not have half a surrogate pair"],
];

for (const [word, message] of NO_WORDS) {
  Deno.test(`fromJSON() refuses ${JSON.stringify(word)} as a word, and names the field`, () => {
    for (
      const [place, value] of [
        ["args[1]", { type: "command", args: ["a", word], env: {} }],
        ["env.A", { type: "command", args: ["a"], env: { A: word } }],
      ] as const
    ) {
      assert.throws(() => fromJSON(value), (error) => {
        assert.ok(error instanceof PlanError);
        assert.ok(error.message.includes(`${place}: ${message}`), error.message);
        return true;
      });
    }
  });
}

Deno.test("files and outputs of a runner come back from JSON, contents in base64", () => {
  const copies = { files: { "/a": Uint8Array.of(0, 255), "/b": "path" }, outputs: { "/c": "d" } };
  for (
    const made of [vm(copies), docker({ image: "i", ...copies }), ssh({ host: "h", ...copies })]
  ) {
    const json = made.cmd("true").toJSON();
    assert.deepEqual(Object(json).runner.files, { "/a": { base64: "AP8=" }, "/b": "path" });
    assert.deepEqual(fromJSON(JSON.parse(JSON.stringify(json))).toJSON(), json);
  }
  const wrong = {
    type: "command",
    args: ["x"],
    env: {},
    runner: { type: "vm", files: { x: "y" } },
  };
  assert.throws(() => fromJSON(wrong), {
    name: "PlanError",
    message: 'cannot read the pipeline: runner: cannot copy a file to "x": give an absolute path',
  });
});

Deno.test("local refuses files, also from JavaScript", () => {
  assert.throws(() => local({ files: { "/a": "b" } } as object), {
    name: "TypeError",
    message: "cannot use files with local: its commands use the files of this machine",
  });
});
